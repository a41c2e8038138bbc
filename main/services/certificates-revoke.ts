// Revoking, the lists that tell of it, and deleting.
import type { KeyObject } from 'node:crypto';
import { Refused } from '../../app/contract/refusal.ts';
import { makeRevocationList } from '../pki/revocation-list.ts';
import { authoritiesIn, authorityOf, revocationOf } from './certificate-shelf.ts';
import type { CertificateRecord, Kept } from './certificate-store.ts';
import { usualListDays, type Workshop } from './certificates-make.ts';
import type { Services } from './services.ts';

type Revocation = CertificateRecord['revoked'][number];
type List = NonNullable<CertificateRecord['crl']>;

const dayMilliseconds = 86_400_000;
const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

type Revoking = Pick<Services['certificates'], 'revoke' | 'crl' | 'remove' | 'removeAuthority'>;

export const revokingServices = ({ store, keys, audited, changed }: Workshop): Revoking => {
  /** Makes an authority's list anew, with these entries added. Signed again when another process made one in between. */
  const makeList = async (authority: Kept, key: KeyObject, days: number, added: readonly Revocation[]): Promise<List> => {
    for (;;) {
      const { record: held } = await store.find(authority.id);
      const revoked = [...held.revoked, ...added.filter(({ serial }) => !held.revoked.some((one) => one.serial === serial))];
      const thisUpdate = seconds(Date.now()) * 1000;
      const nextUpdate = thisUpdate + days * dayMilliseconds;
      // An authority made elsewhere may have made lists there: the time is larger than any number it counted up to.
      const number = (held.crl?.number ?? seconds(thisUpdate) - 1) + 1;
      const content = { number, thisUpdate: new Date(thisUpdate), nextUpdate: new Date(nextUpdate), revoked: revoked.map((one) => ({ ...one, at: new Date(one.at) })) };
      const list: List = { number, thisUpdate, nextUpdate, pem: await makeRevocationList(content, { certificatePem: authority.facts.pem, key }) };
      const after = await store.change(authority.id, (now) => (now.crl?.number === held.crl?.number ? { ...now, revoked, crl: list } : now));
      if (after.crl?.pem === list.pem) return list;
    }
  };

  /** Deletes, once the label was repeated where a key goes with it. */
  const removeConfirmed = async ({ id, label, record }: { readonly id: string; readonly label: string; readonly record: CertificateRecord }, confirm: string | undefined, title: string): Promise<void> => {
    if (record.key !== 'none' && confirm !== label) throw new Refused('confirmation', `With ${label} its key is deleted, which nobody can make again.`, { field: 'confirm', remedy: `Repeat the name to go on: ${label}.` });
    await audited(title, async () => await store.remove(id));
    changed();
  };

  return {
    revoke: async ({ id, reason = 'unspecified', days = usualListDays, ...given }, { gone }) => {
      const kept = await store.find(id);
      const authority = authorityOf(kept, authoritiesIn((await store.list()).certificates));
      if (authority === undefined) throw new Refused('bad-input', `The authority of ${kept.label} is not kept here.`, { field: 'id', remedy: 'Revoke it where that authority is.' });
      if (authority.id === kept.id) throw new Refused('bad-input', 'An authority that signed itself cannot revoke itself.', { field: 'id', remedy: 'Take its cacert.pem off every machine.' });
      if (revocationOf(kept, authority) !== undefined) throw new Refused('bad-input', `${kept.label} is revoked already.`, { field: 'id' });
      const key = await keys.open(authority, given, gone);
      const list = await audited(`Revoked ${kept.facts.subject.text} (serial ${kept.facts.serial}) of ${authority.label}: ${reason}`, async () =>
        await makeList(authority, key, days, [{ serial: kept.facts.serial, at: Date.now(), reason }]));
      changed();
      return { number: list.number };
    },

    crl: async ({ id, days = usualListDays, ...given }, { gone }) => {
      const authority = await store.find(id);
      if (authority.record.kind !== 'authority') throw new Refused('bad-input', `${authority.label} is not an authority.`, { field: 'id' });
      const key = await keys.open(authority, given, gone);
      const { pem, number, nextUpdate } = await audited(`Made the revocation list of ${authority.label} anew`, async () => await makeList(authority, key, days, []));
      changed();
      return { pem, number, nextUpdate };
    },

    remove: async ({ id, confirm }) => {
      const one = (await store.findRequest(id)) ?? (await store.find(id));
      if ('pem' in one) await removeConfirmed(one, confirm, `Deleted the request for ${one.facts.subject.text}`);
      else if (one.record.kind === 'authority') throw new Refused('bad-input', `${one.label} is an authority.`, { field: 'id', remedy: 'Remove it as an authority.' });
      else await removeConfirmed(one, confirm, `Deleted ${one.facts.subject.text} (serial ${one.facts.serial})`);
      return null;
    },

    removeAuthority: async ({ id, confirm }) => {
      const authority = await store.find(id);
      if (authority.record.kind !== 'authority') throw new Refused('bad-input', `${authority.label} is not an authority.`, { field: 'id' });
      await removeConfirmed(authority, confirm, `Deleted the authority ${authority.facts.subject.text} (serial ${authority.facts.serial})`);
      if (authority.record.key === 'encrypted') await keys.forget(authority);
      return null;
    },
  };
};
