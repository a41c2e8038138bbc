// What can be done about a certificate that is not as it should be: a closed list, what each is called, and what is to be known before.
import { commandOfRemedy, effectOfRemedy, labelOfRemedy, type Remedy, remedy, runnableRemedy } from '../domain/remedy.ts';
import { z } from '../domain/schema.ts';
import { shellWord } from '../domain/virsh.ts';
import { certificateKinds } from './profiles.ts';

/** Where a file lies: on this computer, or on the host. */
const side = z.enum(['here', 'host']);
/** In one line, so that it can be shown as it is run. */
const path = z.string().max(4096).regex(/^\/[^\p{Cc}]*$/u);
const keptId = z.string().min(1).max(64);

const restrictFile = z.strictObject({ kind: z.literal('restrictFile'), where: side, path, mode: z.enum(['0600', '0640', '0644', '0700', '0755']) });
/** A certificate kept here is made anew with the same content, and then installed. */
const renewKept = z.strictObject({ kind: z.literal('renewKept'), id: keptId });
/** The revocation list of an authority kept here is made anew, and then installed. */
const renewRevocations = z.strictObject({ kind: z.literal('renewRevocations'), id: keptId });
/** A new certificate: for a host with its `names`, or for this computer as a client. */
const makeNew = z.strictObject({ kind: z.literal('makeNew'), what: z.enum(certificateKinds), names: z.array(z.string()) });
/** The right files are put to where libvirt looks for them: on the host, or on this computer. */
const reinstall = z.strictObject({ kind: z.literal('reinstall'), where: side });
/** The authority's certificate is put into the cacert.pem that lacks it. */
const trustAuthority = z.strictObject({ kind: z.literal('trustAuthority'), where: side, authority: z.string(), path: z.string() });
/** Names are let in by the daemon's settings. */
const allowName = z.strictObject({ kind: z.literal('allowName'), name: z.string() });
const connectBy = z.strictObject({ kind: z.literal('connectBy'), names: z.array(z.string()) });
const correctClock = z.strictObject({ kind: z.literal('correctClock') });

/** What Guestdeck does itself when it is told to by `health.mend`. */
export const runnableMend = z.discriminatedUnion('kind', [runnableRemedy, restrictFile]);
export type RunnableMend = z.infer<typeof runnableMend>;

/** All that can be offered. What is not runnable leads to a page, or is for a person to do. */
export const healthRemedy = z.discriminatedUnion('kind', [remedy, restrictFile, renewKept, renewRevocations, makeNew, reinstall, trustAuthority, allowName, connectBy, correctClock]);
export type HealthRemedy = z.infer<typeof healthRemedy>;

/** Whether `health.mend` does it. */
export const isMendable = (offered: HealthRemedy): offered is RunnableMend => runnableMend.safeParse(offered).success;

const isOfHosts = (offered: HealthRemedy): offered is Remedy => remedy.safeParse(offered).success;

const places = { here: 'this computer', host: 'the host' } as const;
const makes = { authority: 'an authority', host: 'a host certificate', client: 'a client certificate' } as const;

/** What a remedy is called on its button. */
export function labelOfMend(offered: HealthRemedy): string {
  if (isOfHosts(offered)) return labelOfRemedy(offered);
  switch (offered.kind) {
    case 'restrictFile':
      return `Set the mode of ${offered.path.slice(offered.path.lastIndexOf('/') + 1)} to ${offered.mode}`;
    case 'renewKept':
      return 'Renew the certificate';
    case 'renewRevocations':
      return 'Renew the revocation list';
    case 'makeNew':
      return `Make ${makes[offered.what]}`;
    case 'reinstall':
      return `Install on ${places[offered.where]}`;
    case 'trustAuthority':
      return `Trust ${offered.authority} on ${places[offered.where]}`;
    case 'allowName':
      return 'Change tls_allowed_dn_list';
    case 'connectBy':
      return 'Connect by another name';
    case 'correctClock':
      return 'Compare the clocks';
  }
}

/** What is to be known before a remedy is used. */
export function effectOfMend(offered: HealthRemedy): string {
  if (isOfHosts(offered)) return effectOfRemedy(offered);
  switch (offered.kind) {
    case 'restrictFile':
      return `${offered.path} on ${places[offered.where]} gets the mode ${offered.mode}; its owner stays.`;
    case 'renewKept':
      return 'A certificate with the same content and new dates is made. It takes effect once it is installed.';
    case 'renewRevocations':
      return 'The authority signs its list anew. It takes effect once it is installed.';
    case 'makeNew':
      return offered.names.length === 0 ? 'It takes effect once it is installed.' : `It is made for ${offered.names.join(', ')} and takes effect once it is installed.`;
    case 'reinstall':
      return `What is there is kept beside the new files. ${offered.where === 'host' ? 'Everything that will be written is shown first.' : 'Only files of this user are written.'}`;
    case 'trustAuthority':
      return `The certificate of ${offered.authority} is added to ${offered.path} on ${places[offered.where]}: whatever it signs is believed there.`;
    case 'allowName':
      return `tls_allowed_dn_list on the host has to let in ${offered.name}.`;
    case 'connectBy':
      return `The certificate is for ${offered.names.join(', ') || 'no name at all'}.`;
    case 'correctClock':
      return 'Certificates hold from one moment to another: the clocks of this computer, the host and whoever made the certificate have to agree.';
  }
}

/** The command a remedy runs or shows, word for word; null where there is none. */
export function commandOfMend(offered: HealthRemedy): { readonly command: string; readonly asRoot: boolean } | null {
  if (offered.kind === 'restrictFile') return { command: `chmod ${offered.mode} ${shellWord(offered.path)}`, asRoot: offered.where === 'host' };
  return isOfHosts(offered) ? commandOfRemedy(offered) : null;
}
