// Certificate files judged by their modes and owners, and revocation lists, on this computer and on the host.
import { expiryWarningDays } from './expiry.ts';
import { fail, type Finding, type HealthCheck, ok, warn } from './health.ts';
import { momentText } from './health-certificate.ts';
import type { FileFound, Revocations } from './health-facts.ts';
import type { HealthRemedy } from './health-remedy.ts';

type Where = 'here' | 'host';

/** Permission bits that nobody should have: of a key, anything for all others and writing for the group; of the rest, writing. */
const tooMuch = ({ isKey }: FileFound): number => (isKey ? 0o037 : 0o022);

/** A key that only its user needs is for that user alone; on a host and where root keeps it, a group may read it. */
const isTooWide = (file: FileFound, where: Where): boolean => (file.mode & (file.isKey && where === 'here' && file.owner !== 'root' ? 0o077 : tooMuch(file))) !== 0;

const modeText = (mode: number): string => mode.toString(8).padStart(4, '0');

/** Files that are readable or writable by more than who needs them, in words; with a remedy each. */
export function judgeModes(found: readonly FileFound[], where: Where): { readonly problems: readonly string[]; readonly remedies: readonly HealthRemedy[] } {
  const wide = found.filter((file) => isTooWide(file, where));
  return {
    problems: [
      ...wide.map(({ path, mode, isKey }) => `${path} has the mode ${modeText(mode)}: others may ${isKey ? 'use the key' : 'change it'}.`),
      ...found.filter(({ isOwn }) => !isOwn).map(({ path, owner }) => `${path} belongs to ${owner}, who can change it.`),
    ],
    remedies: wide.map(({ path, isKey }) => ({ kind: 'restrictFile', where, path, mode: isKey ? '0600' : '0644' })),
  };
}

export const describeFiles = (found: readonly FileFound[]): string => (found.length === 0 ? 'No files are used' : found.map(({ path, owner, mode }) => `${path} (${owner}, ${modeText(mode)})`).join(', '));

const day = 86_400_000;

/** A revocation list: whether it serves, and whom it turns away. A text is why it cannot be read. */
export function judgeRevocations(check: HealthCheck, list: Revocations | string | null, now: Date, where: Where): Finding {
  if (list === null) return ok(check, 'There is none: every certificate of the authority counts until it is out of date.');
  if (typeof list === 'string') return fail(check, list, [{ kind: 'reinstall', where }]);
  const again: readonly HealthRemedy[] = list.kept === null ? [{ kind: 'reinstall', where }] : [{ kind: 'renewRevocations', id: list.kept }];
  if (!list.isSigned) return fail(check, `${list.path} was signed by no authority that is trusted there: while it lies there, nobody is.`, again);
  if (list.revokesHost) return fail(check, `${list.path} holds the certificate the host shows: it was revoked.`, [{ kind: 'makeNew', what: 'host', names: [] }]);
  if (list.revokesClient) return fail(check, `${list.path} holds the client certificate of this computer: it was revoked.`, [{ kind: 'makeNew', what: 'client', names: [] }]);
  if (list.nextUpdate === null) return ok(check, `${list.path} serves, and says no end.`);
  const left = list.nextUpdate.getTime() - now.getTime();
  if (left < 0) return fail(check, `${list.path} is out of date since ${momentText(list.nextUpdate)}: no certificate can be checked by it.`, again);
  const [, , urgent] = expiryWarningDays;
  const until = `${list.path} is good until ${momentText(list.nextUpdate)}`;
  return left < urgent * day ? warn(check, `${until}; then no certificate can be checked by it.`, again) : ok(check, `${until}.`);
}
