// An SSH agent whose keys are offered in an order: those configured for the host first, or these alone.
import ssh2, { type BaseAgent, type IdentityCallback, type KnownPublicKeys, type SignCallback, type SigningRequestOptions } from 'ssh2';

/** The agent at an address of `agentAddresses`. `wanted` are public key blobs; with `only` no other key is offered. */
export function orderedAgent(address: string, wanted: readonly Buffer[], only: boolean): BaseAgent {
  return new OrderedAgent(ssh2.createAgent(address), wanted, only);
}

/** The blob of a key as an agent gives it. */
function blobOf(key: KnownPublicKeys[number]): Buffer | undefined {
  if (Buffer.isBuffer(key)) return key;
  return typeof key === 'object' && 'getPublicSSH' in key ? key.getPublicSSH() : undefined;
}

class OrderedAgent extends ssh2.BaseAgent {
  readonly #agent: BaseAgent;
  readonly #wanted: readonly Buffer[];
  readonly #only: boolean;

  constructor(agent: BaseAgent, wanted: readonly Buffer[], only: boolean) {
    super();
    this.#agent = agent;
    this.#wanted = wanted;
    this.#only = only;
  }

  override getIdentities(done: IdentityCallback): void {
    this.#agent.getIdentities((error, keys = []) => {
      if (error) {
        done(error);
        return;
      }
      const isWanted = (key: KnownPublicKeys[number]): boolean => {
        const blob = blobOf(key);
        return blob !== undefined && this.#wanted.some((each) => each.equals(blob));
      };
      done(null, [...keys.filter(isWanted), ...(this.#only ? [] : keys.filter((key) => !isWanted(key)))]);
    });
  }

  override sign(key: Parameters<BaseAgent['sign']>[0], data: Buffer, options: SigningRequestOptions | SignCallback, done?: SignCallback): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, done);
  }
}
