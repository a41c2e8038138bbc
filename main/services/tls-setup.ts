// The contract's section of what is set up on a host.
import { Refused } from '../../app/contract/refusal.ts';
import type { Services } from './services.ts';

const notYet = async (): Promise<never> => await Promise.reject(new Refused('bad-input', 'Nothing can be set up on hosts here.'));

export const setupServices = (): Services['setup'] => ({
  look: notYet, request: notYet, plan: notYet, install: notYet, putBack: notYet, settings: notYet, users: notYet, addUser: notYet, removeUser: notYet,
});
