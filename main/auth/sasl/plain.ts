// PLAIN (RFC 4616) and EXTERNAL (RFC 4422): one message and nothing to check.
import { Refused } from '../../../app/contract/refusal.ts';
import { broken, type Credentials, type Mechanism } from './mechanism.ts';

const oneMessage = (name: string, initial: Uint8Array): Mechanism => ({
  name,
  initial,
  step: async () => {
    throw broken(name, 'it asks for more than one message');
  },
  isDone: true,
  layer: null,
});

/** The password itself travels: only over what is private and whose far end is known. @throws Refused `auth-failed` for a NUL, which would shift the fields. */
export const plain = ({ user, password, actAs = '' }: Credentials): Mechanism => {
  const fields = [actAs, user, password];
  if (fields.some((field) => field.includes('\0'))) throw new Refused('auth-failed', 'The user name or the password holds a NUL, which SASL does not allow.', { stage: 'sasl' });
  return oneMessage('PLAIN', Buffer.from(fields.join('\0')));
};

/** The server knows us already, by our certificate or our socket. */
export const external = (actAs = ''): Mechanism => oneMessage('EXTERNAL', Buffer.from(actAs));
