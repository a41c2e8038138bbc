// The contract's section of certificates.
import { Refused } from '../../app/contract/refusal.ts';
import type { Services } from './services.ts';

const unknown = async (): Promise<never> => await Promise.reject(new Refused('unknown-certificate', 'There is no such certificate here.', { field: 'id' }));

export const certificatesServices = (): Services['certificates'] => ({
  list: async () => ({ certificates: [], requests: [], damaged: [] }),
  chain: unknown, createAuthority: unknown, importAuthority: unknown, exportAuthority: unknown, removeAuthority: unknown, createHost: unknown, createClient: unknown, importIdentity: unknown, remove: unknown,
  readRequest: unknown, signRequest: unknown, makeRequest: unknown, takeSigned: unknown, renew: unknown, rollOver: unknown, endRollOver: unknown, revoke: unknown, crl: unknown, export: unknown,
  profiles: async () => [],
  saveProfile: unknown, removeProfile: unknown,
});
