// SASL as libvirt carries it: asking what is offered, one exchange, and the layer that follows. The mechanisms are somebody else's.
import { Refused } from '../../app/contract/refusal.ts';
import type { Connection } from './connection.ts';
import { errorCode } from './constants.ts';
import { LibvirtError } from './errors.ts';
import type { Layer } from './packets.ts';
import { remote } from './procedures.ts';

/** One login by one mechanism, used once. */
export interface SaslMechanism {
  readonly name: string;
  /** Null = no data at all, which is not the same as empty data; so everywhere here. */
  readonly initial: Uint8Array | null;
  readonly step: (said: Uint8Array) => Promise<Uint8Array | null>;
  readonly isDone: boolean;
  /** In force with the reply that completes the login: that one is still in clear, everything after it is not. */
  readonly layer: Layer | null;
}

/** What a login may do on a connection. */
export interface SaslDialogue {
  /** The mechanisms that the daemon offers. Begins anew after an attempt that was refused. */
  readonly offered: () => Promise<readonly string[]>;
  /**
   * Whether the daemon accepted. False = refused, for whatever reason: it says no more than that.
   * @throws Refused `protocol` for a daemon that ends before the mechanism is content, and what the mechanism throws.
   */
  readonly attempt: (mechanism: SaslMechanism) => Promise<boolean>;
}

/** Logs in or throws the Refused that says why not. */
export type SaslLogin = (dialogue: SaslDialogue) => Promise<void>;

/** Of every call here. */
export interface SaslStep {
  /** Milliseconds. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/** No mechanism needs more messages; a daemon that never comes to an end is not followed. */
const mostRounds = 10;

const onWire = (data: Uint8Array | null): { readonly nil: number; readonly data: Uint8Array } => ({ nil: data === null ? 1 : 0, data: data ?? new Uint8Array() });
const broken = (what: string): Refused => new Refused('protocol', `The daemon broke the SASL login: ${what}.`, { stage: 'sasl', remedy: 'Check that the address is that of the right host.' });

/** As over TCP, where everything without encryption of its own is left out: with nothing left, the daemon fails instead of saying so. */
const nothingToOffer = (error: unknown): never => {
  if (!isRefusal(error)) throw error;
  throw new Refused('auth-unsupported', 'The daemon has no SASL mechanism to offer on this connection.', {
    stage: 'sasl',
    remedy: 'On the host, see mech_list in /etc/sasl2/libvirt.conf: over plain TCP it needs digest-md5, over TLS and UNIX sockets scram-sha-256; the packages with these mechanisms must be installed (libsasl2-modules).',
  }, { cause: error });
};
const isRefusal = (error: unknown): boolean => error instanceof LibvirtError && error.error.code === errorCode.authFailed;

/** The calls 67 to 69 of a connection that is not authenticated yet. */
export const saslDialogue = (connection: Connection, step: SaslStep): SaslDialogue => ({
  offered: async () => (await connection.call(remote.authSaslInit, {}, step).catch(nothingToOffer)).mechlist.split(','),
  attempt: async (mechanism) => {
    const replied = ({ complete }: { readonly complete: number }): void => {
      if (complete !== 0 && mechanism.layer !== null) connection.protect(mechanism.layer);
    };
    connection.holdPings(true);
    try {
      let reply = await connection.call(remote.authSaslStart, { mech: mechanism.name, ...onWire(mechanism.initial) }, { ...step, replied });
      for (let round = 0; round < mostRounds; round++) {
        // To a mechanism that is done, empty data is nothing new.
        const isSilent = reply.nil !== 0 || (mechanism.isDone && reply.data.length === 0);
        const answer = isSilent ? null : await mechanism.step(reply.data);
        if (reply.complete !== 0) {
          if (answer !== null || !mechanism.isDone) throw broken(`it ended ${mechanism.name} before proving itself`);
          return true;
        }
        reply = await connection.call(remote.authSaslStep, onWire(answer), { ...step, replied });
      }
      throw broken(`${mechanism.name} does not come to an end`);
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    } finally {
      connection.holdPings(false);
    }
  },
});
