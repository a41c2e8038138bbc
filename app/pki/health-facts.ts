// What was found out about a TLS connection before anything of it is judged.
import type { Validity } from './expiry.ts';
import type { HealthRemedy } from './health-remedy.ts';
import type { ExtendedKeyUsage, KeyUsage } from './profiles.ts';
import type { AlternativeName } from './subject.ts';

/** What is judged of a certificate. */
export interface CertificateView extends Validity {
  readonly subject: { readonly text: string };
  readonly issuer: { readonly text: string };
  readonly names: readonly AlternativeName[];
  readonly isAuthority: boolean;
  /** Null where it does not restrict its use, or its purpose. */
  readonly keyUsage: { readonly critical: boolean; readonly uses: readonly KeyUsage[] } | null;
  readonly extendedKeyUsage: { readonly critical: boolean; readonly uses: readonly ExtendedKeyUsage[] } | null;
  /** `rsa`, `ec`, `ed25519`, and bits of the modulus or the curve. */
  readonly key: { readonly type: string; readonly bits: number };
  /** The object identifier of the algorithm it is signed by. */
  readonly signatureAlgorithm: string;
}

export interface Judged {
  readonly certificate: CertificateView;
  /** Its id where it is kept here, so that it can be renewed. */
  readonly kept: string | null;
  /** anyExtendedKeyUsage is among its purposes. */
  readonly anyPurpose: boolean;
}

/** What the host showed. */
export interface HostShown extends Judged {
  /** Whether it leads to an authority of cacert.pem through what the host sent along. */
  readonly isSigned: boolean;
  /** Whether it is for the name that is connected to, as the connection itself decides it. */
  readonly isNamed: boolean;
  /** OpenSSL's code where it does not take the certificate; null = it does. */
  readonly verdict: string | null;
}

/** One authority of cacert.pem. */
export interface Authority extends Judged {
  /** It signed the host’s certificate or ours, directly or through others. */
  readonly isUsed: boolean;
}

export interface ClientShown extends Judged {
  /** Whether it leads to an authority of this computer's cacert.pem. */
  readonly isSigned: boolean;
  readonly hasItsKey: boolean;
}

/** A revocation list, on either side. */
export interface Revocations {
  readonly path: string;
  readonly nextUpdate: Date | null;
  /** Whether an authority that is trusted there signed it. */
  readonly isSigned: boolean;
  readonly revokesHost: boolean;
  readonly revokesClient: boolean;
  /** The authority kept here that can renew it. */
  readonly kept: string | null;
}

export interface FileFound {
  readonly path: string;
  readonly owner: string;
  /** Whether the owner is root or the user who is looking. */
  readonly isOwn: boolean;
  /** Permission bits. */
  readonly mode: number;
  readonly isKey: boolean;
}

export interface FilesHere {
  /** The cacert.pem that is used. */
  readonly authorityFile: string;
  /** Why there is none, or why a file cannot be used; null = all is read. */
  readonly problem: string | null;
  readonly authorities: readonly Authority[];
  readonly client: ClientShown | null;
  /** Null = there is none. A text: why it cannot be read. */
  readonly revocations: Revocations | string | null;
  readonly found: readonly FileFound[];
}

/** What a shell on the host found. */
export interface FilesThere {
  /** The daemon that listens: `libvirtd` or `virtproxyd`. */
  readonly daemon: string;
  readonly found: readonly FileFound[];
  /** Files the daemon needs and does not have. */
  readonly missing: readonly string[];
  /** Files that this user may not read there. */
  readonly unread: readonly string[];
  /** Whether the key belongs to the certificate; null = it could not be found out. */
  readonly keyMatches: boolean | null;
  /** Whether the certificate in the file is the one that is shown; null = one of them is not known. */
  readonly isShown: boolean | null;
  readonly authorityFile: string;
  /** Whether the host's cacert.pem signed our certificate; null = not known. */
  readonly signsClient: boolean | null;
  readonly revocations: Revocations | string | null;
  readonly settings: {
    readonly path: string;
    /** Null = no list: every certificate of the authority is let in. */
    readonly allowedNames: readonly string[] | null;
    readonly listenTls: boolean;
    readonly port: number;
    readonly address: string | null;
    readonly verifiesClients: boolean;
  } | string;
  /** Socket units by which the daemon is reached over TLS, with their states. */
  readonly units: readonly { readonly name: string; readonly state: string; readonly file: string }[];
}

export interface HealthFacts {
  readonly now: Date;
  readonly host: string;
  readonly port: number;
  /** `no_verify=1`: whatever the host shows is taken. */
  readonly unverified: boolean;
  /** How the port answered. */
  readonly reach: { readonly isOpen: boolean; readonly seen: string; readonly remedies: readonly HealthRemedy[] };
  /** What was agreed on; a text: why nothing was. Null = not reached. */
  readonly handshake: { readonly protocol: string; readonly cipher: string } | string | null;
  readonly shown: HostShown | null;
  readonly files: FilesHere;
  /** The names of the authorities whose clients the host says it takes, and whether ours is among them; null = it does not say. */
  readonly accepts: { readonly names: readonly string[]; readonly ours: boolean } | null;
  /** The byte after the handshake: the daemon's word that it took our certificate. */
  readonly welcome: 'welcomed' | 'refused' | 'silent' | 'other' | null;
  /** What a connection as usual was refused for, where all seems well. */
  readonly refused: string | null;
  /** Null = nobody has a shell there. A text: why it could not be looked at. */
  readonly there: FilesThere | string | null;
}
