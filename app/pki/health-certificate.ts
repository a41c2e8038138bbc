// One certificate judged by itself: its dates, what it may be used for, how strong it is.
import { expiryAt } from './expiry.ts';
import { fail, type Finding, type HealthCheck, ok, warn } from './health.ts';
import type { Judged } from './health-facts.ts';
import type { HealthRemedy } from './health-remedy.ts';
import { type CertificateKind, certificateProfiles, type KeyUsage } from './profiles.ts';

/** A moment for a person: to the minute, in UTC. */
export const momentText = (moment: Date): string => `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const dayCount = (days: number): string => (days === 1 ? '1 day' : `${days} days`);

/** Dates, with the days left. `instead` is offered where it is not kept here. */
export function judgeDates(check: HealthCheck, { certificate, kept }: Judged, now: Date, instead: readonly HealthRemedy[]): Finding {
  const { state, days } = expiryAt(certificate, now);
  const again: readonly HealthRemedy[] = kept === null ? instead : [{ kind: 'renewKept', id: kept }];
  switch (state) {
    case 'expired':
      return fail(check, `Out of date since ${momentText(certificate.notAfter)}, ${dayCount(days)} ago.`, again);
    case 'notYetValid':
      return fail(check, `Not valid before ${momentText(certificate.notBefore)}; the clock of this computer says ${momentText(now)}.`, [{ kind: 'correctClock' }, ...again]);
    case 'expiring':
      return warn(check, `Valid until ${momentText(certificate.notAfter)}: ${dayCount(days)} left.`, again);
    case 'valid':
      return ok(check, `Valid until ${momentText(certificate.notAfter)}: ${dayCount(days)} left.`);
  }
}

const useNames: Readonly<Record<KeyUsage, string>> = { digitalSignature: 'digital signatures', keyEncipherment: 'key encipherment', keyCertSign: 'signing certificates', cRLSign: 'signing revocation lists' };

/** What libvirt's check lets pass when an extension is not critical, and only writes into its log. */
const onlyLogged = 'libvirt lets that pass, because the extension is not critical';

/**
 * Whether it may be used as what it is used for, by the checks of libvirt's virNetTLSContext: basic constraints, key usage and extended key
 * usage; those not marked critical are only logged. Up to libvirt 11.5 leaves need key encipherment, later ones do not.
 */
export function judgePurpose(check: HealthCheck, { certificate, anyPurpose }: Judged, kind: CertificateKind, again: readonly HealthRemedy[]): Finding {
  const { isAuthority, keyUsage, extendedKeyUsage } = certificate;
  if (kind === 'authority' && !isAuthority) return fail(check, 'Its basic constraints do not say that it is an authority: nothing it signed is believed.', again);
  if (kind !== 'authority' && isAuthority) return fail(check, `It is the certificate of an authority, which libvirt takes from no ${kind}.`, again);
  const [needed] = certificateProfiles[kind].extendedKeyUsage;
  if (needed !== undefined && extendedKeyUsage !== null && !extendedKeyUsage.uses.includes(needed)) {
    const words = `Its extended key usage does not allow ${needed === 'serverAuth' ? 'a server' : 'a client'} (${needed})`;
    // OpenSSL takes no server whose purpose is merely any; GnuTLS does.
    if (kind === 'host') return fail(check, `${words}${anyPurpose ? ' by name, only any purpose: virsh takes that, Guestdeck does not' : ''}.`, again);
    if (!anyPurpose) return extendedKeyUsage.critical ? fail(check, `${words}.`, again) : { ...warn(check, `${words}; ${onlyLogged}.`, again), mayRefuse: true };
  }
  const wanted = certificateProfiles[kind].keyUsage.filter((use) => use !== 'cRLSign');
  const lacking = keyUsage === null ? [] : wanted.filter((use) => !keyUsage.uses.includes(use));
  if (keyUsage === null || lacking.length === 0) {
    return ok(check, `It may be used as ${kind === 'authority' ? 'an authority' : `a ${kind}`}${extendedKeyUsage === null && kind !== 'authority' ? ', and for anything else' : ''}.`);
  }
  const words = `Its key usage does not allow ${lacking.map((use) => useNames[use]).join(' and ')}`;
  if (!keyUsage.critical) return { ...warn(check, `${words}; ${onlyLogged}.`, again), mayRefuse: true };
  if (lacking.length === 1 && lacking[0] === 'keyEncipherment') return { ...warn(check, `${words}, which libvirt up to 11.5 asks for.`, again), mayRefuse: true };
  return fail(check, `${words}.`, again);
}

/** Digests that can be forged: OpenSSL and GnuTLS believe no certificate signed over one. */
const brokenDigests: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.2', 'MD2'], ['1.2.840.113549.1.1.4', 'MD5'], ['1.2.840.113549.1.1.5', 'SHA-1'], ['1.2.840.10040.4.3', 'SHA-1'], ['1.2.840.10045.4.1', 'SHA-1'],
]);

const fewestRsaBits = 2048;
const fewestCurveBits = 224;

/** Key size and digest. The digest over a certificate that signed itself proves nothing and is not looked at. */
export function judgeStrength(check: HealthCheck, { certificate }: Judged, again: readonly HealthRemedy[]): Finding {
  const { key, signatureAlgorithm, subject, issuer } = certificate;
  const digest = subject.text === issuer.text ? undefined : brokenDigests.get(signatureAlgorithm);
  if (digest !== undefined) return fail(check, `It is signed over ${digest}, which can be forged: it is not believed.`, again);
  const called = `${key.type === 'rsa' ? 'RSA' : key.type === 'ec' ? 'Elliptic curve' : key.type} key of ${key.bits} bits`;
  const isFine = key.type === 'rsa' || key.type === 'dsa' ? key.bits >= fewestRsaBits : key.bits >= fewestCurveBits;
  if (isFine) return ok(check, `${called}.`);
  const words = `${called}: fewer than ${key.type === 'rsa' || key.type === 'dsa' ? fewestRsaBits : fewestCurveBits} are refused by systems with today’s policy`;
  return key.bits < 1024 ? fail(check, `${words}.`, again) : { ...warn(check, `${words}.`, again), mayRefuse: true };
}
