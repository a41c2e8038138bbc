// The contract's section of the health of certificates.
import { Refused } from '../../app/contract/refusal.ts';
import type { Services } from './services.ts';

const notYet = async (): Promise<never> => await Promise.reject(new Refused('bad-input', 'The health of certificates cannot be looked at here.'));

export const healthServices = (): Services['health'] => ({
  check: notYet,
  mend: notYet,
  overview: async () => ({ certificates: [], failures: [] }),
  warnings: async () => [],
});
