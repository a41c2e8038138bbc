// The key an SSH server shows, against what is known of its host.
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { Refused } from '../../app/contract/refusal.ts';
import {
  addKnownHost, judgeHostKey, keyTypeOf, knownKeyTypes, md5Fingerprint, readKnownHosts, sha256Fingerprint, type KnownHost,
} from '../auth/known-hosts.ts';
import { shellWord } from '../../app/domain/virsh.ts';
import { wordsOf } from './sockets.ts';
import type { SshHop } from './ssh-route.ts';
import type { Step } from './stages.ts';

/** Host key algorithms offered, best first, each with the kind of key it belongs to. RSA with SHA-1 is not among them. */
const hostKeyAlgorithms: readonly { readonly algorithm: ServerHostKeyAlgorithm; readonly keyType: string }[] = [
  { algorithm: 'ssh-ed25519', keyType: 'ssh-ed25519' },
  { algorithm: 'ecdsa-sha2-nistp256', keyType: 'ecdsa-sha2-nistp256' },
  { algorithm: 'ecdsa-sha2-nistp384', keyType: 'ecdsa-sha2-nistp384' },
  { algorithm: 'ecdsa-sha2-nistp521', keyType: 'ecdsa-sha2-nistp521' },
  { algorithm: 'rsa-sha2-512', keyType: 'ssh-rsa' },
  { algorithm: 'rsa-sha2-256', keyType: 'ssh-rsa' },
];

/** @throws Refused `storage` when a file is there and cannot be read. */
export async function hostsKnownFrom(files: readonly string[]): Promise<readonly KnownHost[]> {
  try {
    return await readKnownHosts(files);
  } catch (error) {
    throw new Refused('storage', `A file of known host keys cannot be read: ${wordsOf(error)}.`, {
      stage: 'hostKey', remedy: 'Correct the file’s permissions, or name another one with known_hosts=.',
    }, { cause: error });
  }
}

/** The host's key against what is known of it. */
export class HostKeyCheck {
  readonly #hop: SshHop;
  readonly #knownHosts: readonly KnownHost[];
  #accepted: Buffer | undefined;
  #isToBeKept = false;
  seen = '';

  constructor(hop: SshHop, knownHosts: readonly KnownHost[]) {
    this.#hop = hop;
    this.#knownHosts = knownHosts;
  }

  /** Kinds of key known for the host come first, so that a server with several keys shows the one that can be compared. */
  get algorithms(): ServerHostKeyAlgorithm[] {
    const known = knownKeyTypes(this.#knownHosts, this.#hop.knownAs);
    const isKnown = ({ keyType }: { readonly keyType: string }): boolean => known.has(keyType);
    return [...hostKeyAlgorithms.filter(isKnown), ...hostKeyAlgorithms.filter((each) => !isKnown(each))].map(({ algorithm }) => algorithm);
  }

  /** Whether to go on with this key. It is called again when keys are renewed: then only the accepted one will do. */
  async judge(key: Buffer, step: Step): Promise<boolean> {
    if (this.#accepted !== undefined) return this.#accepted.equals(key);
    const { policy } = this.#hop;
    const verdict = judgeHostKey(this.#knownHosts, this.#hop.knownAs, key);
    const fingerprint = `${keyTypeOf(key)} ${sha256Fingerprint(key)}`;
    if (verdict.kind === 'revoked') {
      throw new Refused('host-key-revoked', `The key of ${this.#hop.host} (${fingerprint}) is marked as revoked in ${verdict.by.file} line ${verdict.by.line}.`, {
        stage: 'hostKey', remedy: 'Do not connect before the host has a new key.',
      });
    }
    if (verdict.kind === 'changed' && policy !== 'ignore') throw this.#changed(verdict.by, fingerprint);
    if (verdict.kind === 'unknown' && policy === 'strict') throw this.#unknown(key, 'StrictHostKeyChecking is set');
    if (verdict.kind === 'unknown' && policy === 'normal') await this.#ask(key, step);
    this.#isToBeKept ||= verdict.kind === 'unknown' && policy === 'auto';
    this.seen = `${fingerprint}, ${verdict.kind === 'known' ? `known from ${verdict.by.file} line ${verdict.by.line}` : policy === 'ignore' ? 'not checked' : 'accepted'}`;
    this.#accepted = key;
    return true;
  }

  #changed(by: KnownHost, fingerprint: string): Refused {
    const known = `${keyTypeOf(by.key)} ${sha256Fingerprint(by.key)}`;
    const command = `ssh-keygen -R ${shellWord(this.#hop.knownAs)} -f ${shellWord(by.file)}`;
    return new Refused(
      'host-key-changed',
      `The key of ${this.#hop.host} has changed: it shows ${fingerprint}, but ${by.file} line ${by.line} has ${known}. Another machine may be posing as it.`,
      {
        stage: 'hostKey', remedy: `If the host was installed anew, remove that line (${command}) and connect again.`,
        offers: [{ kind: 'showCommand', label: 'How to remove the old key', command, where: 'here' }],
      },
    );
  }

  #unknown(key: Buffer, words: string): Refused {
    return new Refused('host-key-unknown', `The key of ${this.#hop.host} (${keyTypeOf(key)} ${sha256Fingerprint(key)}) was never seen and ${words}.`, {
      stage: 'hostKey', remedy: 'Compare the fingerprint with the host’s own (ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub), then accept it.',
      ...(words === 'was not accepted' && { offers: [{ kind: 'acceptHostKey' } as const] }),
    });
  }

  async #ask(key: Buffer, step: Step): Promise<void> {
    if (!this.#hop.mayAsk) throw this.#unknown(key, 'nobody may be asked (no_tty)');
    const answer = await step.ask({
      kind: 'hostKey', host: this.#hop.host, port: this.#hop.port, keyType: keyTypeOf(key), sha256: sha256Fingerprint(key), md5: md5Fingerprint(key),
    });
    if (answer.kind !== 'hostKey') throw this.#unknown(key, 'was not accepted');
    this.#isToBeKept = answer.accept === 'always';
  }

  /** Writes down a key that is to be kept; only after the handshake, by which the server proved that it is its own. */
  async remember(): Promise<void> {
    const file = this.#hop.newKeysFile;
    if (!this.#isToBeKept || this.#accepted === undefined || file === undefined) return;
    try {
      await addKnownHost(file, this.#hop.knownAs, this.#accepted);
    } catch (error) {
      throw new Refused('storage', `The key of ${this.#hop.host} could not be written to ${file}: ${wordsOf(error)}.`, {
        stage: 'hostKey', remedy: 'Accept the key for this once, or correct the file’s permissions.',
      }, { cause: error });
    }
  }
}
