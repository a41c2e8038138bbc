// What each kind of certificate may be used for and how long it is valid: the one table the maker and the wizard read.

/** Kinds of certificates a libvirt TLS setup needs (https://libvirt.org/kbase/tlscerts.html). */
export const certificateKinds = ['authority', 'host', 'client'] as const;
export type CertificateKind = (typeof certificateKinds)[number];

/** Key usage bits of RFC 5280 §4.2.1.3 that libvirt's checks look at. */
export type KeyUsage = 'digitalSignature' | 'keyEncipherment' | 'keyCertSign' | 'cRLSign';

/** Extended key usages of RFC 5280 §4.2.1.12 that libvirt's checks look at. */
export type ExtendedKeyUsage = 'serverAuth' | 'clientAuth';

/** RSA modulus lengths offered, in bits. */
export const rsaKeyBits = [2048, 3072, 4096] as const;
export type RsaKeyBits = (typeof rsaKeyBits)[number];

export interface CertificateProfile {
  readonly isAuthority: boolean;
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  /** Days a new certificate is valid when nothing else is asked for. */
  readonly defaultValidityDays: number;
  /** Most days that may be asked for. */
  readonly longestValidityDays: number;
}

/** keyEncipherment stays in the leaves because libvirt up to 11.5 requires it. */
export const certificateProfiles: Readonly<Record<CertificateKind, CertificateProfile>> = {
  authority: {
    isAuthority: true,
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: [],
    defaultValidityDays: 3650,
    longestValidityDays: 7300,
  },
  host: {
    isAuthority: false,
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: ['serverAuth'],
    defaultValidityDays: 730,
    longestValidityDays: 3650,
  },
  client: {
    isAuthority: false,
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: ['clientAuth'],
    defaultValidityDays: 365,
    longestValidityDays: 3650,
  },
};
