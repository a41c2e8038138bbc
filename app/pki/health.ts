// What the health of a TLS connection consists of: its lines in order, and how each may come out.

/** Every line in the order it is shown. */
export const healthChecks = [
  'port', 'handshake',
  'hostChain', 'hostDates', 'hostName', 'hostPurpose', 'hostStrength',
  'authorityDates', 'authorityPurpose', 'authorityStrength',
  'client', 'clientIssuer', 'clientDates', 'clientPurpose', 'clientStrength',
  'revocations', 'welcome', 'files',
  'hostFiles', 'hostAuthority', 'hostRevocations', 'allowedNames', 'listening',
] as const;
export type HealthCheck = (typeof healthChecks)[number];

export const healthStates = ['ok', 'warn', 'fail', 'unknown'] as const;
export type HealthState = (typeof healthStates)[number];
