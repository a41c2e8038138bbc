// The stand-in's certificates: an authority with two hosts and a client, one of them soon out of date. Nothing is signed.
import type { CertificateProfile, CertificateSummary, RequestSummary } from '../../app/contract/certificates.ts';
import type { AskName, Gives, News, Takes } from '../../app/contract/contract.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { expiryAt } from '../../app/pki/expiry.ts';
import { certificateProfiles } from '../../app/pki/profiles.ts';
import { distinguishedNameText, type SubjectPart } from '../../app/pki/subject.ts';

type Answers = { readonly [A in AskName<'certificates'>]: (takes: Takes<'certificates', A>) => Gives<'certificates', A> };

const day = 86_400_000;
/** What opens the key of every authority here. */
const rightPassphrase = 'example passphrase';

const summary = (id: string, kind: CertificateSummary['kind'], label: string, days: number, more: Partial<CertificateSummary> = {}): CertificateSummary => {
  const notAfter = Date.now() + days * day + day / 2;
  const notBefore = Math.min(notAfter - certificateProfiles[kind].defaultValidityDays * day, Date.now() - day / 24);
  return {
    id, kind, label, subject: `O=Example Net,CN=${label}`, subjectParts: [{ attribute: 'O', value: 'Example Net' }, { attribute: 'CN', value: label }], names: [], key: kind === 'authority' ? 'encrypted' : 'plain', keyType: 'rsa', keyBits: 3072,
    issuer: 'O=Example Net,CN=Example Net CA', authority: 'ca', serial: `4F${id.toUpperCase()}`, notBefore, notAfter, expiry: expiryAt({ notBefore: new Date(notBefore), notAfter: new Date(notAfter) }, new Date()),
    fingerprint: '5C:0F:9A:51:D4:7E:2B:90:3D:11:FE:62:0A:77:C8:19:5C:0F:9A:51:D4:7E:2B:90:3D:11:FE:62:0A:77:C8:19', pathLength: null, clientAuth: false, revokedAt: null, replacedBy: null, installedOn: null, alsoTrusts: [], crl: null, ...more,
  };
};

const began = (): CertificateSummary[] => [
  summary('ca', 'authority', 'Example Net CA', 3401),
  summary('borealis', 'host', 'borealis', 611, { names: ['borealis', 'borealis.example.net', '10.0.4.12'], installedOn: 'borealis' }),
  summary('cumulus', 'host', 'cumulus', 19, { names: ['cumulus', '10.0.4.17'], installedOn: 'cumulus' }),
  summary('me', 'client', 'admin', 311),
];

/** Answers over certificates of its own, none where there are no hosts either. */
export const certificateAnswers = (full: boolean, tell: (news: News) => void): Answers => {
  const kept = full ? began() : [];
  const requests: RequestSummary[] = [];
  const profiles: CertificateProfile[] = [];
  let made = 0;
  const changed = <T>(answer: T): T => {
    tell({ section: 'certificates', name: 'changed', told: {} });
    return answer;
  };
  const of = (id: string): CertificateSummary => {
    const found = kept.find((one) => one.id === id);
    if (found === undefined) throw new Refused('unknown-certificate', 'There is no such certificate here.', { field: 'id' });
    return found;
  };
  const change = (id: string, part: Partial<CertificateSummary>): CertificateSummary => {
    const after = { ...of(id), ...part };
    kept[kept.findIndex((one) => one.id === id)] = after;
    return after;
  };
  const opened = (passphrase: string | undefined): void => {
    if (passphrase !== undefined && passphrase !== rightPassphrase) throw new Refused('key-unreadable', 'The passphrase does not open the key of the authority.', { field: 'passphrase' });
  };
  const keep = (kind: CertificateSummary['kind'], parts: readonly SubjectPart[], days: number | undefined, more: Partial<CertificateSummary>): string => {
    made += 1;
    const id = `made-${made}`;
    const label = parts.find(({ attribute }) => attribute === 'CN')?.value ?? '';
    kept.push(summary(id, kind, label, days ?? certificateProfiles[kind].defaultValidityDays, { subject: distinguishedNameText(parts), subjectParts: [...parts], ...more }));
    return id;
  };
  const drop = (id: string, confirm: string | undefined): null => {
    if (of(id).label !== confirm) throw new Refused('confirmation', 'The name was not repeated.', { field: 'confirm' });
    kept.splice(kept.findIndex((one) => one.id === id), 1);
    return changed(null);
  };
  const pem = (id: string): string => `-----BEGIN CERTIFICATE-----\n${btoa(id)}\n-----END CERTIFICATE-----\n`;
  return {
    list: () => ({ certificates: kept, requests, damaged: [] }),
    chain: ({ id }) => ({ pem: pem(id) }),
    createAuthority: ({ subject, validity, keyBits, authority }) => {
      const id = keep('authority', subject, validity?.days, { keyBits: keyBits ?? 3072 });
      change(id, { authority: authority ?? id });
      return changed({ id });
    },
    importAuthority: ({ files: [file] }) => {
      if (file === undefined || !atob(file).includes('BEGIN CERTIFICATE')) throw new Refused('bad-input', 'There is no certificate in this file.', { field: 'files.0' });
      return changed({ id: keep('authority', [{ attribute: 'CN', value: 'Imported CA' }], undefined, { key: 'none', authority: null }) });
    },
    exportAuthority: ({ id, withKey, passphrase }) => {
      if (withKey === true) opened(passphrase);
      return { files: [{ name: 'cacert.pem', mode: '0644', content: pem(id) }, ...(withKey === true ? [{ name: 'cakey.pem', mode: '0600', content: '-----BEGIN ENCRYPTED PRIVATE KEY-----\n' }] : [])] };
    },
    removeAuthority: ({ id, confirm }) => drop(id, confirm),
    createHost: ({ authority, hosts, validity, keyBits, clientAuth, passphrase }) => {
      opened(passphrase);
      const ids = hosts.map(({ names, subject = [] }) => keep('host', [...subject, { attribute: 'CN', value: names[0] ?? '' }], validity?.days, { names: [...names], authority, keyBits: keyBits ?? 3072, clientAuth: clientAuth ?? false }));
      return changed({ ids });
    },
    createClient: ({ authority, subject, validity, keyBits, passphrase }) => {
      opened(passphrase);
      return changed({ id: keep('client', subject, validity?.days, { authority, keyBits: keyBits ?? 3072 }) });
    },
    importIdentity: ({ kind = 'host' }) => changed({ id: keep(kind, [{ attribute: 'CN', value: 'imported' }], undefined, { authority: kept.findLast((one) => one.kind === 'authority' && one.key === 'none')?.id ?? null }) }),
    remove: ({ id, confirm }) => {
      const at = requests.findIndex((one) => one.id === id);
      if (at < 0) return drop(id, confirm);
      requests.splice(at, 1);
      return changed(null);
    },
    readRequest: () => ({ subject: 'O=Elsewhere,CN=drift', subjectParts: [{ attribute: 'O', value: 'Elsewhere' }, { attribute: 'CN', value: 'drift' }], names: ['drift'], keyType: 'rsa', keyBits: 2048 }),
    signRequest: ({ authority, kind, validity }) => changed({ id: keep(kind, [{ attribute: 'CN', value: 'drift' }], validity?.days, { names: ['drift'], authority, key: 'none' }) }),
    makeRequest: ({ kind, subject, keyBits }) => {
      made += 1;
      const request: RequestSummary = {
        id: `request-${made}`, kind, label: subject.find(({ attribute }) => attribute === 'CN')?.value ?? '', subject: distinguishedNameText(subject), subjectParts: subject, names: [], key: 'plain', keyType: 'rsa', keyBits: keyBits ?? 3072,
        pem: '-----BEGIN CERTIFICATE REQUEST-----\nMIIC\n-----END CERTIFICATE REQUEST-----\n', madeAt: Date.now(),
      };
      requests.push(request);
      return changed(request);
    },
    takeSigned: ({ id }) => {
      const [request] = requests.splice(requests.findIndex((one) => one.id === id), 1);
      return changed({ id: keep(request?.kind ?? 'host', [{ attribute: 'CN', value: request?.label ?? '' }], undefined, { authority: null }) });
    },
    renew: ({ id, validity, passphrase }) => {
      opened(passphrase);
      const before = of(id);
      const next = keep(before.kind, [], validity?.days, { ...before, ...fresh(before, validity?.days), id: `made-${made + 1}`, installedOn: null });
      change(id, { replacedBy: next });
      return changed({ id: next });
    },
    rollOver: ({ id, newPassphrase }) => {
      if (newPassphrase === '') throw new Refused('bad-input', 'A passphrase is needed.', { field: 'newPassphrase' });
      const before = of(id);
      const next = keep('authority', [{ attribute: 'CN', value: `${before.label} 2` }], undefined, { alsoTrusts: [id] });
      change(next, { authority: next });
      change(id, { replacedBy: next });
      return changed({ id: next });
    },
    endRollOver: ({ id }) => {
      change(id, { alsoTrusts: [] });
      return changed(null);
    },
    revoke: ({ id, passphrase }) => {
      opened(passphrase);
      const { authority } = change(id, { revokedAt: Date.now() });
      const crl = { number: 1, thisUpdate: Date.now(), nextUpdate: Date.now() + 30 * day, revoked: 1 };
      if (authority !== null) change(authority, { crl });
      return changed({ number: 1 });
    },
    crl: ({ id, days = 30 }) => {
      const { crl } = of(id);
      const nextUpdate = Date.now() + days * day;
      const number = (crl?.number ?? 0) + 1;
      change(id, { crl: { number, thisUpdate: Date.now(), nextUpdate, revoked: kept.filter(({ revokedAt }) => revokedAt !== null).length } });
      return changed({ pem: '-----BEGIN X509 CRL-----\n', number, nextUpdate });
    },
    export: ({ id, as }) => (as === 'zip' ? { as, name: `${of(id).label}.zip`, base64: btoa('PK') } : { as, files: [{ name: 'servercert.pem', mode: '0644', content: pem(id) }, { name: 'serverkey.pem', mode: '0600', content: 'key' }] }),
    profiles: () => profiles,
    saveProfile: ({ profile }) => {
      profiles.push(profile);
      return changed(null);
    },
    removeProfile: ({ name }) => {
      profiles.splice(profiles.findIndex((one) => one.name === name), 1);
      return changed(null);
    },
  };
};

const fresh = ({ kind, label }: CertificateSummary, days = certificateProfiles[kind].defaultValidityDays): Partial<CertificateSummary> => {
  const { notBefore, notAfter, expiry } = summary('', kind, label, days);
  return { notBefore, notAfter, expiry };
};
