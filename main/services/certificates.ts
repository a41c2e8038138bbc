// The contract's section of certificates: what is kept, and profiles. Making, importing, exporting and revoking stand beside it.
import { join } from 'node:path';
import { certificateProfile } from '../../app/contract/certificates.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { z } from '../../app/contract/schema.ts';
import { AuthorityKeys, type AuthorityKeysOptions } from './authority-keys.ts';
import { audited } from './certificate-audit.ts';
import { authoritiesIn, requestSummaryOf, summaryOf } from './certificate-shelf.ts';
import { CertificateStore } from './certificate-store.ts';
import { exportingServices } from './certificates-export.ts';
import { importingServices } from './certificates-import.ts';
import { makingServices, type Workshop } from './certificates-make.ts';
import { revokingServices } from './certificates-revoke.ts';
import type { Context } from './context.ts';
import { changeJson, readJson } from './files.ts';
import { KeysAhead } from './keys-ahead.ts';
import type { Services } from './services.ts';

export interface CertificatesOptions extends Pick<Workshop, 'isInteractive'>, Pick<Context, 'tell' | 'history' | 'user' | 'complain'> {
  readonly dataFolder: string;
  readonly secrets: AuthorityKeysOptions['secrets'];
  readonly questions: AuthorityKeysOptions['questions'];
}

const profilesForm = z.array(certificateProfile);

/** The section, and what others in main tell the store. */
export interface Certificates {
  readonly services: Services['certificates'];
  /** The same for use within main, where nothing leaves that would have to be written down. */
  readonly within: Services['certificates'];
  /** A certificate was put on a host. @throws Refused `unknown-certificate`, `storage`. */
  readonly installed: (id: string, host: string) => Promise<void>;
}

/** Deletes what was left half done, then answers. @throws Refused `storage` when the folder cannot be read. */
export const openCertificates = async ({ dataFolder, secrets, questions, isInteractive, tell, ...context }: CertificatesOptions): Promise<Certificates> => {
  const store = new CertificateStore(join(dataFolder, 'certificates'));
  await store.tidy();
  const changed = (): void => tell('certificates', 'changed', {});
  const workshop: Workshop = { store, changed, isInteractive, keysAhead: new KeysAhead(), keys: new AuthorityKeys({ store, secrets, questions }), audited: audited({ tell, ...context }) };
  const changeProfiles = async (edit: (held: z.infer<typeof profilesForm>) => z.infer<typeof profilesForm>): Promise<null> => {
    await store.prepare();
    await changeJson(store.profilesFile, profilesForm, (held) => edit(held ?? []));
    changed();
    return null;
  };
  const services: Services['certificates'] = {
    ...makingServices(workshop), ...importingServices(workshop), ...exportingServices(workshop, workshop.audited), ...revokingServices(workshop),
    list: async () => {
      const { certificates, requests, damaged } = await store.list();
      const [authorities, now] = [authoritiesIn(certificates), new Date()];
      return { certificates: certificates.map((kept) => summaryOf(kept, authorities, now)), requests: requests.map(requestSummaryOf), damaged: [...damaged] };
    },
    profiles: async () => (await readJson(store.profilesFile, profilesForm)) ?? [],
    saveProfile: async ({ profile }) => await changeProfiles((held) => [...held.filter(({ name }) => name !== profile.name), profile]),
    removeProfile: async ({ name }) =>
      await changeProfiles((held) => {
        if (!held.some((one) => one.name === name)) throw new Refused('bad-input', 'There is no profile of this name.', { field: 'name' });
        return held.filter((one) => one.name !== name);
      }),
  };
  return {
    services,
    within: { ...services, ...exportingServices(workshop, async (_, work) => await work()) },
    installed: async (id, host) => {
      await store.change(id, (held) => ({ ...held, installedOn: host }));
      changed();
    },
  };
};
