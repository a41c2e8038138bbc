// What the health of a TLS connection consists of: its lines in order, what each is called, and how it may come out.
import type { HealthRemedy } from './health-remedy.ts';

/** Every line in the order it is shown. Those from `hostFiles` on need a shell on the host. */
export const healthChecks = [
  'port', 'handshake',
  'hostChain', 'hostDates', 'hostName', 'hostPurpose', 'hostStrength',
  'authorityDates', 'authorityPurpose', 'authorityStrength',
  'client', 'clientIssuer', 'clientDates', 'clientPurpose', 'clientStrength',
  'revocations', 'welcome', 'files',
  'hostFiles', 'hostAuthority', 'hostRevocations', 'allowedNames', 'listening',
] as const;
export type HealthCheck = (typeof healthChecks)[number];

/** What each line looks at. */
export const healthCheckNames: Readonly<Record<HealthCheck, string>> = {
  port: 'Port of the host',
  handshake: 'TLS handshake',
  hostChain: 'Signature of the host’s certificate',
  hostDates: 'Dates of the host’s certificate',
  hostName: 'Name in the host’s certificate',
  hostPurpose: 'Purpose of the host’s certificate',
  hostStrength: 'Key and signature of the host’s certificate',
  authorityDates: 'Dates of the authority',
  authorityPurpose: 'Purpose of the authority’s certificate',
  authorityStrength: 'Key of the authority',
  client: 'Client certificate of this computer',
  clientIssuer: 'Signature of the client certificate',
  clientDates: 'Dates of the client certificate',
  clientPurpose: 'Purpose of the client certificate',
  clientStrength: 'Key and signature of the client certificate',
  revocations: 'Revocation list of this computer',
  welcome: 'The host lets this computer in',
  files: 'Files of this computer',
  hostFiles: 'Files of the host',
  hostAuthority: 'Authority the host trusts',
  hostRevocations: 'Revocation list of the host',
  allowedNames: 'Names the host lets in',
  listening: 'What the host listens with',
};

export const healthStates = ['ok', 'warn', 'fail', 'unknown'] as const;
export type HealthState = (typeof healthStates)[number];

/** What was found at one line. */
export interface Finding {
  readonly check: HealthCheck;
  readonly state: HealthState;
  readonly seen: string;
  readonly remedies: readonly HealthRemedy[];
  /** The line that decides this one. */
  readonly because?: HealthCheck;
  /** Some versions of libvirt refuse a connection for it: where one was refused and nothing else tells why, this does. */
  readonly mayRefuse?: boolean;
}

export const ok = (check: HealthCheck, seen: string): Finding => ({ check, state: 'ok', seen, remedies: [] });
export const warn = (check: HealthCheck, seen: string, remedies: readonly HealthRemedy[] = []): Finding => ({ check, state: 'warn', seen, remedies });
export const fail = (check: HealthCheck, seen: string, remedies: readonly HealthRemedy[] = []): Finding => ({ check, state: 'fail', seen, remedies });
export const unknown = (check: HealthCheck, seen: string, because?: HealthCheck): Finding => ({ check, state: 'unknown', seen, remedies: [], ...(because !== undefined && { because }) });
