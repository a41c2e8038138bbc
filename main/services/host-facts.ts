// What is known of a host beside its list of guests: topology, versions, defaults, and definitions read lately.
import type { Facts } from '../../app/tuning/knob.ts';
import type { Definitions } from '../../app/tuning/plan.ts';
import type { Topology } from '../../app/domain/topology.ts';
import { topologyFromCapabilities } from '../../app/xml/capabilities.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { type HostKinds, hostKinds } from '../../app/xml/host-kinds.ts';
import { type Resctrl, resctrlFromCapabilities } from '../../app/xml/resctrl.ts';
import { affect, errorCode, typedParamFlag, xmlFlag } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { type Domain, max, paramsToRecord } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';
import type { Link } from '../transport/transport.ts';
import { CapabilitiesFacts, ioThreadPolling, untold } from './cpu-facts.ts';
import { Marks } from './marks.ts';
import { MemoryFacts } from './memory-facts.ts';
import { nicPath } from '../../app/tuning/nic-element.ts';
import { readNic } from '../../app/tuning/nic.ts';
import { macsOf, NetworkFacts } from './network-facts.ts';

/** A guest's definitions as libvirt prints them; null = not running, or transient. */
export interface DefinitionTexts {
  readonly live: string | null;
  readonly saved: string | null;
  /** Whether it starts with its host; null = not told, or transient. */
  readonly autostart: boolean | null;
}

/** What knobs may know of a host, whichever guest they are of. */
type CommonFacts = Pick<Facts, 'topology' | 'cpuSharesDefault' | 'libvirtVersion' | 'resctrl' | 'securityModels'>;

/** Definitions kept for marks and pictures are at most this old: changes of the saved one alone send no event. */
const fresh = 20_000;

export class HostFacts {
  readonly memory: MemoryFacts;
  /** What became of its guests, over all connections to it. */
  readonly marks: Marks;
  readonly #capabilities: CapabilitiesFacts;
  readonly #network: NetworkFacts;
  readonly #connection: Connection;
  #topology: Promise<Topology> | null = null;
  #cpuSharesDefault: number | null = null;
  readonly #cpuSharesBefore: number | null;
  #libvirtVersion: number | null = null;
  #resctrl: Resctrl | null = null;
  #kinds: HostKinds | null = null;
  readonly #kept = new Map<string, { readonly at: number; readonly texts: Promise<DefinitionTexts>; macs?: Promise<Readonly<Record<string, string>>> }>();

  /** @param before facts of the connection before: what only a reboot of the host changes is taken from there until it is learned anew. */
  constructor(connection: Connection, before: HostFacts | null = null) {
    this.#connection = connection;
    this.memory = new MemoryFacts(connection);
    this.marks = before?.marks ?? new Marks();
    this.#capabilities = new CapabilitiesFacts(connection);
    this.#network = new NetworkFacts(connection);
    this.#cpuSharesBefore = before === null ? null : (before.#cpuSharesDefault ?? before.#cpuSharesBefore);
  }

  /** The host's CPUs and cells; asked for once a connection. */
  async topology(): Promise<Topology> {
    this.#topology ??= this.#readTopology().catch((error: unknown) => {
      this.#topology = null;
      throw error;
    });
    return await this.#topology;
  }

  /** Its pages were changed: to be asked for again. */
  forgetTopology(): void {
    this.#topology = null;
  }

  async nodeInfo(): Promise<{ readonly cpus: number; readonly memory: number; readonly nodes: number; readonly sockets: number; readonly cores: number; readonly threads: number; readonly model: string }> {
    const info = await this.#connection.call(remote.nodeGetInfo, {});
    const end = info.model.indexOf(0);
    return { ...info, memory: Number(info.memory), model: String.fromCharCode(...info.model.slice(0, end < 0 ? undefined : end)) };
  }

  async #readTopology(): Promise<Topology> {
    const [{ capabilities }, info] = await Promise.all([this.#connection.call(remote.connectGetCapabilities, {}), this.nodeInfo()]);
    this.#resctrl = resctrlFromCapabilities(capabilities);
    this.#kinds = hostKinds(capabilities);
    return topologyFromCapabilities(capabilities, info);
  }

  /**
   * Both definitions, now. `secure` = with passwords: only for defining again, never for showing or keeping.
   * @throws LibvirtError 42 when the guest is gone.
   */
  async definitions(dom: Domain, secure = false): Promise<DefinitionTexts> {
    const ask = async (flags: number): Promise<string> => (await this.#connection.call(remote.domainGetXmlDesc, { dom, flags }, { owner: 'definitions' })).xml;
    const secret = secure ? xmlFlag.secure : 0;
    const [current, { persistent }, starts] = await Promise.all([
      ask(secret),
      this.#connection.call(remote.domainIsPersistent, { dom }, { owner: 'definitions' }),
      this.#connection.call(remote.domainGetAutostart, { dom }, { owner: 'definitions' }).catch(untold),
    ]);
    // Asked for by a call of its own, the answer could be of another moment.
    const isLive = DomainXml.parse(current).root.attribute('id') !== null;
    return {
      live: isLive ? current : null,
      saved: persistent === 0 ? null : isLive ? await ask(secret | xmlFlag.inactive) : current,
      autostart: persistent === 0 || starts === null ? null : starts.autostart !== 0,
    };
  }

  /** Definitions that may be some seconds old, for what is looked at rather than changed; null when the guest is gone. */
  async keptDefinitions(dom: Domain): Promise<DefinitionTexts | null> {
    const kept = this.#kept.get(dom.uuid);
    if (kept !== undefined && Date.now() - kept.at < fresh) return await kept.texts.catch(gone);
    const asked = { at: Date.now(), texts: this.definitions(dom) };
    this.#kept.set(dom.uuid, asked);
    return await asked.texts.catch((error: unknown) => {
      // What went wrong is not worth keeping.
      if (this.#kept.get(dom.uuid) === asked) this.#kept.delete(dom.uuid);
      return gone(error);
    });
  }
  /** What was kept of this guest is out of date. */
  forget(uuid: string): void {
    this.#kept.delete(uuid);
  }

  /** What knobs may know beside the XML. `others` are guests to learn defaults from when this one does not tell; `run` is the host's shell. */
  async facts(dom: Domain, { live, saved }: Definitions, others: readonly Domain[], run?: Link['run']): Promise<Facts> {
    await this.#learnShares(dom, live, others);
    return {
      ...(await this.#ofHost()),
      guest: { name: dom.name, running: live !== null, persistent: saved !== null },
      machine: (saved ?? live)?.element('os', 'type')?.attribute('machine') ?? null,
      machines: this.#machines(saved ?? live),
      domainCapabilities: await this.#capabilities.of(saved ?? live),
      hostNetwork: await this.#network.of(await this.#macsBeside(dom.uuid)),
      pluggedNics: live === null ? null : live.elements(...nicPath).map(readNic),
      ioThreadPolling: await ioThreadPolling(this.#connection, dom, live),
      ...(await this.memory.of(dom.uuid, live, await this.topology(), run)),
    };
  }

  /** What is the same for all guests and asked for once; `guests` are some to learn defaults from. For marks, which may know less than forms. */
  async common(guests: readonly Domain[]): Promise<CommonFacts> {
    const [first, ...others] = guests;
    if (first !== undefined) await this.#learnShares(first, await this.#keptLive(first), others);
    return await this.#ofHost();
  }

  async #ofHost(): Promise<CommonFacts> {
    const topology = await this.topology();
    return { topology, cpuSharesDefault: this.#cpuSharesDefault ?? this.#cpuSharesBefore, libvirtVersion: await this.#version(), resctrl: this.#resctrl, securityModels: this.#kinds?.securityModels ?? null };
  }

  #machines(xml: DomainXml | null): Facts['machines'] {
    const arch = xml?.element('os', 'type')?.attribute('arch') ?? '';
    return this.#kinds?.machines.get(`${arch} ${xml?.root.attribute('type') ?? ''}`) ?? null;
  }

  async #keptLive(dom: Domain): Promise<DomainXml | null> {
    const text = (await this.keptDefinitions(dom))?.live ?? null;
    return text === null ? null : DomainXml.parse(text);
  }

  /** The MAC addresses of all other guests whose definitions were read lately. */
  async #macsBeside(uuid: string): Promise<Readonly<Record<string, string>>> {
    const others = await Promise.all([...this.#kept].filter(([other]) => other !== uuid).map(async ([, kept]) => {
      kept.macs ??= kept.texts.catch(gone).then((texts) => macsOf([texts?.saved, texts?.live].filter((text) => text != null)));
      return await kept.macs;
    }));
    return Object.fromEntries(others.flatMap((macs) => Object.entries(macs)));
  }

  async #version(): Promise<number> {
    this.#libvirtVersion ??= Number((await this.#connection.call(remote.connectGetLibVersion, {})).lib_ver);
    return this.#libvirtVersion;
  }

  /** The scheduler tells the default of any running guest whose XML sets no shares. */
  async #learnShares(dom: Domain, live: DomainXml | null, others: readonly Domain[]): Promise<void> {
    if (this.#cpuSharesDefault !== null) return;
    const candidates = [...(live === null ? [] : [{ dom, live }]), ...others.map((other) => ({ dom: other, live: null }))];
    for (const candidate of candidates) {
      const xml = candidate.live ?? (await this.#keptLive(candidate.dom));
      if (xml === null || xml.element('cputune', 'shares') !== null) continue;
      const flags = affect.live | typedParamFlag.stringOkay;
      // No scheduler to ask leaves the default unknown.
      const told = await this.#connection.call(remote.domainGetSchedulerParametersFlags, { dom: candidate.dom, nparams: max.domainSchedulerParameters, flags }).catch(untold);
      const shares = told === null ? undefined : paramsToRecord(told.params)['cpu_shares'];
      if (shares === undefined) continue;
      this.#cpuSharesDefault = Number(shares);
      return;
    }
  }
}

const gone = (error: unknown): null => {
  if (error instanceof LibvirtError && error.error.code === errorCode.noDomain) return null;
  throw error;
};
