// What the wizard has been told so far, what it proposes where it was told nothing, and what it asks of main with that.
import type { CertificateSummary } from '../../../app/contract/certificates.ts';
import type { Connection } from '../../../app/contract/connections.ts';
import type { Takes } from '../../../app/contract/contract.ts';
import { Refused } from '../../../app/contract/refusal.ts';
import { parseConnectionUri } from '../../../app/domain/connection-uri.ts';
import { type CertificateKind, certificateProfiles } from '../../../app/pki/profiles.ts';
import { lifeOf, type NewPassphrase, noPassphrase, type TypedLife } from './fields.tsx';
import { addressesIn, emptySubject, partsOf, proposedNames, type TypedSubject } from './form.ts';
import { isCurrent } from './lifetimes.ts';

/** A certificate to use: one that is kept, by its id, or `new`. */
export const newOne = 'new';

interface Part {
  /** Null = the one that is proposed. */
  readonly choice: string | null;
  readonly subject: TypedSubject;
  readonly life: TypedLife;
}

export interface Draft {
  /** The saved connection to the host; '' = none chosen. */
  readonly host: string;
  readonly authority: Part & { readonly passphrase: NewPassphrase };
  /** `names`: null = those that are proposed. `organization`: null = the one of the authority. */
  readonly server: Part & { readonly names: readonly string[] | null; readonly organization: string | null; readonly clientAuth: boolean; readonly keyOnHost: boolean };
  readonly client: Part & { readonly commonName: string | null; readonly organization: string | null };
}

/** Key and validity when nothing else is asked for. */
export const usualLife = (kind: CertificateKind): TypedLife => ({ keyBits: 3072, days: `${certificateProfiles[kind].defaultValidityDays}`, dates: null });

const part = (kind: CertificateKind): Part => ({ choice: null, subject: emptySubject, life: usualLife(kind) });

/** @param wanted the certificate of a host that is to be installed. */
export const emptyDraft = (host: string, wanted?: CertificateSummary): Draft => ({
  host,
  authority: { ...part('authority'), choice: wanted?.authority ?? null, subject: { ...emptySubject, CN: 'Guestdeck CA' }, passphrase: noPassphrase },
  server: { ...part('host'), choice: wanted?.id ?? null, names: null, organization: null, clientAuth: false, keyOnHost: false },
  client: { ...part('client'), commonName: null, organization: null },
});

/** The name in a connection's URI; null where it has none, as on this computer. */
export const hostOfUri = (uri: string): string | null => {
  try {
    return parseConnectionUri(uri).host ?? null;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
};

/** Hosts whose files can be written: over SSH. */
export const installable = (connections: readonly Connection[]): readonly Connection[] => connections.filter(({ transport }) => transport === 'ssh');

/** The connection a wizard begins with: the one it was opened for, or one over SSH to the same machine, or the only one there is; '' = a person chooses. */
export const firstHost = (wanted: string, connections: readonly Connection[]): string => {
  const hosts = installable(connections);
  if (wanted === '') return hosts.length === 1 ? hosts[0]?.id ?? '' : '';
  const uri = connections.find(({ id }) => id === wanted)?.uri;
  const machine = uri === undefined ? null : hostOfUri(uri);
  return hosts.find(({ id }) => id === wanted)?.id ?? hosts.find((one) => machine !== null && hostOfUri(one.uri) === machine)?.id ?? '';
};

/** The saved connection to the host a certificate is for: the one it was installed on, or the first over SSH whose name is in it; '' = a person chooses. */
export const hostOfCertificate = ({ installedOn, names }: CertificateSummary, connections: readonly Connection[]): string =>
  (connections.find(({ id }) => id === installedOn) ?? installable(connections).find(({ uri }) => names.includes(hostOfUri(uri) ?? '')))?.id ?? '';

/** Names by which a host is known: that of its URI, the one it gives itself, and the addresses it was found at. */
export const namesOfHost = ({ uri, state }: Connection, hostname: string | undefined): readonly string[] => {
  const stages = state.phase === 'ready' || state.phase === 'failed' ? state.stages ?? [] : [];
  const seen = stages.flatMap((report) => (report.stage === 'name' && report.outcome === 'done' ? addressesIn(report.seen) : []));
  return proposedNames([hostOfUri(uri) ?? undefined, hostname, ...seen]);
};

const lasts = (one: CertificateSummary): boolean => isCurrent(one) && one.expiry.state !== 'expired';

/** Authorities that can sign: their keys are here and they have not ended. */
export const signers = (certificates: readonly CertificateSummary[]): readonly CertificateSummary[] =>
  certificates.filter((one) => one.kind === 'authority' && one.key !== 'none' && lasts(one));

/** Certificates that could be used instead of a new one: of the kind, signed by the authority, good, with their key; those for other names only are left out, save for the one that is `wanted`. */
export const usable = (certificates: readonly CertificateSummary[], kind: 'host' | 'client', authority: string | null, names: readonly string[], wanted: string | null = null): readonly CertificateSummary[] =>
  certificates.filter((one) => one.kind === kind && one.authority === authority && one.key !== 'none' && lasts(one) && (kind === 'client' || one.id === wanted || one.names.some((name) => names.includes(name))));

/** Authorities whose keys are elsewhere, of which there is something that could be installed. */
export const trusted = (certificates: readonly CertificateSummary[]): readonly CertificateSummary[] =>
  certificates.filter((one) => one.kind === 'authority' && one.key === 'none' && lasts(one) && certificates.some(({ kind, authority, key }) => kind !== 'authority' && authority === one.id && key !== 'none'));

/** The choice that was made, as long as it is there, or the first that is offered; '' = there is none, and none can be made. */
export const chosenOf = (choice: string | null, offered: readonly CertificateSummary[], canMake = true): string => {
  if (choice !== null && ((choice === newOne && canMake) || offered.some(({ id }) => id === choice))) return choice;
  return offered[0]?.id ?? (canMake ? newOne : '');
};

export const authorityAsked = ({ subject, life, passphrase: { passphrase, remember } }: Draft['authority']): Takes<'certificates', 'createAuthority'> => ({ subject: partsOf(subject), ...lifeOf(life), newPassphrase: passphrase, remember });

/** `organization` of the certificates below it: that of the authority, or its name, which is what virt-pki-validate compares. */
export const organizationOf = (authority: CertificateSummary | undefined): string => authority?.label ?? '';

export const serverAsked = ({ server: { subject, life, names, organization, clientAuth }, host }: Draft, authority: string, proposed: { readonly names: readonly string[]; readonly organization: string }): Takes<'certificates', 'createHost'> => ({
  authority, clientAuth, ...lifeOf(life),
  hosts: [{ names: [...(names ?? proposed.names)], subject: partsOf({ ...subject, O: organization ?? proposed.organization, CN: '' }), ...(host !== '' && { host }) }],
});

export const clientAsked = ({ client: { subject, life, commonName, organization } }: Draft, authority: string, proposed: { readonly commonName: string; readonly organization: string }): Takes<'certificates', 'createClient'> => ({
  authority, ...lifeOf(life), subject: partsOf({ ...subject, O: organization ?? proposed.organization, CN: commonName ?? proposed.commonName }),
});
