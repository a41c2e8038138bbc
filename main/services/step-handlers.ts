// How each kind of tuning step becomes a call. A kind without a handler here does not compile.
import type { Scope, Step, StepHandlers } from '../../app/tuning/steps.ts';
import { numaModes } from '../../app/tuning/numa-memory.ts';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { readXml } from '../../app/xml/read-xml.ts';
import { firstToGo } from '../../app/tuning/unplugs.ts';
import { affect, defineFlag, errorCode, lifecycle, lifecycleAction, memoryFlag, metadataType, vcpuFlag } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { type Domain, param, type TypedParam } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';
import type { MemoryFacts } from './memory-facts.ts';
import type { Unplugs } from './unplugs.ts';

/** The guest a step is taken on. */
export interface StepContext {
  readonly connection: Connection;
  readonly dom: Domain;
  /** Told what the guest is asked for and comes to by itself. */
  readonly facts: Pick<MemoryFacts, 'balloonAsked' | 'balloonGone'> & { readonly unplugs: Pick<Unplugs, 'asked' | 'gone'> };
}

const flagsOf: Readonly<Record<Scope, number>> = { live: affect.live, saved: affect.config, both: affect.live | affect.config };

/** VIR_DOMAIN_MEMORY_PARAM_UNLIMITED, in KiB. */
const unlimitedMemory = 9_007_199_254_740_991n;

type NumberType = 'int' | 'uint' | 'llong' | 'ullong';

/** Numbers as typed parameters: libvirt refuses any type but the one of each field. */
const typed = (values: Readonly<Partial<Record<string, number>>>, typeOf: (field: string) => NumberType): readonly TypedParam[] =>
  Object.entries(values).flatMap(([field, value]) => {
    const type = typeOf(field);
    if (value === undefined) return [];
    return [type === 'int' || type === 'uint' ? param[type](field, value) : param[type](field, BigInt(value))];
  });
const iothreadType = (field: string): NumberType => (field === 'poll_max_ns' ? 'ullong' : field.startsWith('poll_') ? 'uint' : 'int');

const lifecycleActionOf: Readonly<Record<Step<'setLifecycle'>['action'], number>> = {
  destroy: lifecycleAction.destroy, restart: lifecycleAction.restart, preserve: lifecycleAction.preserve, 'coredump-destroy': lifecycleAction.coredumpDestroy, 'coredump-restart': lifecycleAction.coredumpRestart,
};

/** libvirt waits five seconds for a guest to let a vCPU go. It may do so later: what the host shows afterwards tells, and until then it is known as asked for. */
const stillAsked = ({ connection, dom, facts }: StepContext, alias: string | null) => async (error: unknown): Promise<void> => {
  if (!(error instanceof LibvirtError) || error.error.code !== errorCode.operationTimeout) throw error;
  const one = alias ?? firstToGo(DomainXml.parse((await connection.call(remote.domainGetXmlDesc, { dom, flags: 0 })).xml));
  if (one !== null) facts.unplugs.asked(dom.uuid, one);
};

/** Each kind's call; they throw LibvirtError when libvirt refuses. */
export const stepHandlers: StepHandlers<StepContext> = {
  pinVcpu: async ({ vcpu, cpus, scope }, { connection, dom }) => {
    await connection.call(remote.domainPinVcpuFlags, { dom, vcpu, cpumap: CpuSet.parse(cpus).toMap(), flags: flagsOf[scope] });
  },
  pinEmulator: async ({ cpus, scope }, { connection, dom }) => {
    await connection.call(remote.domainPinEmulator, { dom, cpumap: CpuSet.parse(cpus).toMap(), flags: flagsOf[scope] });
  },
  setVcpus: async ({ what, count, scope }, context) => {
    const { connection, dom } = context;
    const asked = connection.call(remote.domainSetVcpusFlags, { dom, nvcpus: count, flags: flagsOf[scope] | (what === 'maximum' ? vcpuFlag.maximum : 0) });
    await (scope === 'live' ? asked.catch(stillAsked(context, null)) : asked);
  },
  setVcpu: async ({ vcpus, enabled, scope }, context) => {
    const { connection, dom } = context;
    const asked = connection.call(remote.domainSetVcpu, { dom, cpumap: vcpus, state: enabled ? 1 : 0, flags: flagsOf[scope] });
    await (scope === 'live' && !enabled ? asked.catch(stillAsked(context, `vcpu${vcpus}`)) : asked);
  },
  pinIothread: async ({ id, cpus, scope }, { connection, dom }) => {
    await connection.call(remote.domainPinIothread, { dom, iothreads_id: id, cpumap: CpuSet.parse(cpus).toMap(), flags: flagsOf[scope] });
  },
  addIothread: async ({ id, scope }, { connection, dom }) => {
    await connection.call(remote.domainAddIothread, { dom, iothread_id: id, flags: flagsOf[scope] });
  },
  delIothread: async ({ id, scope }, { connection, dom }) => {
    await connection.call(remote.domainDelIothread, { dom, iothread_id: id, flags: flagsOf[scope] });
  },
  setIothread: async ({ id, params, scope }, { connection, dom }) => {
    await connection.call(remote.domainSetIothreadParams, { dom, iothread_id: id, params: typed(params, iothreadType), flags: flagsOf[scope] });
  },
  setScheduler: async ({ fields, scope }, { connection, dom }) => {
    await connection.call(remote.domainSetSchedulerParametersFlags, { dom, params: typed(fields, (field) => (field.endsWith('_quota') ? 'llong' : 'ullong')), flags: flagsOf[scope] });
  },
  setMemory: async ({ what, memory, scope }, { connection, dom, facts }) => {
    const asks = what === 'current' && scope !== 'saved';
    // Its events may come before the answer.
    if (asks) facts.balloonAsked(dom.uuid, memory);
    try {
      await connection.call(remote.domainSetMemoryFlags, { dom, memory: BigInt(memory), flags: flagsOf[scope] | (what === 'maximum' ? memoryFlag.maximum : 0) });
    } catch (error) {
      if (asks) facts.balloonGone(dom.uuid);
      throw error;
    }
  },
  setMemoryStatsPeriod: async ({ period, scope }, { connection, dom }) => {
    await connection.call(remote.domainSetMemoryStatsPeriod, { dom, period, flags: flagsOf[scope] });
  },
  setMemoryLimits: async ({ limits, scope }, { connection, dom }) => {
    const params = Object.entries(limits).map(([name, kib]) => param.ullong(name, kib == null ? unlimitedMemory : BigInt(kib)));
    await connection.call(remote.domainSetMemoryParameters, { dom, params, flags: flagsOf[scope] });
  },
  setNuma: async ({ mode, nodeset, scope }, { connection, dom }) => {
    const params = [param.string('numa_nodeset', nodeset), ...(mode === null ? [] : [param.int('numa_mode', numaModes.indexOf(mode))])];
    await connection.call(remote.domainSetNumaParameters, { dom, params, flags: flagsOf[scope] });
  },
  setBlkio: async ({ params, scope }, { connection, dom }) => {
    const sent = Object.entries(params).map(([name, value]) => (typeof value === 'string' ? param.string(name, value) : param.uint(name, value)));
    await connection.call(remote.domainSetBlkioParameters, { dom, params: sent, flags: flagsOf[scope] });
  },
  setBlockIoTune: async ({ disk, limits, group, scope }, { connection, dom }) => {
    const params = [...typed(limits, () => 'ullong'), ...(group === null ? [] : [param.string('group_name', group)])];
    await connection.call(remote.domainSetBlockIoTune, { dom, disk, params, flags: flagsOf[scope] });
  },
  setInterface: async ({ device, params, scope }, { connection, dom }) => {
    await connection.call(remote.domainSetInterfaceParameters, { dom, device, params: typed(params, () => 'uint'), flags: flagsOf[scope] });
  },
  attachDevice: async ({ xml, scope }, { connection, dom }) => {
    await connection.call(remote.domainAttachDeviceFlags, { dom, xml, flags: flagsOf[scope] });
  },
  detachDevice: async ({ xml, scope }, { connection, dom, facts }) => {
    const alias = scope === 'saved' ? null : (readXml(xml).root.element('alias')?.attribute('name') ?? null);
    // Its event may come before the answer.
    if (alias !== null) facts.unplugs.asked(dom.uuid, alias);
    try {
      await connection.call(remote.domainDetachDeviceFlags, { dom, xml, flags: flagsOf[scope] });
    } catch (error) {
      if (alias !== null) facts.unplugs.gone(dom.uuid, alias);
      throw error;
    }
  },
  updateDevice: async ({ xml, scope }, { connection, dom }) => {
    await connection.call(remote.domainUpdateDeviceFlags, { dom, xml, flags: flagsOf[scope] });
  },
  setWords: async ({ what, text, scope }, { connection, dom }) => {
    await connection.call(remote.domainSetMetadata, { dom, type: metadataType[what], metadata: text === '' ? null : text, key: null, uri: null, flags: flagsOf[scope] });
  },
  setLifecycle: async ({ event, action, scope }, { connection, dom }) => {
    await connection.call(remote.domainSetLifecycleAction, { dom, type: lifecycle[event], action: lifecycleActionOf[action], flags: flagsOf[scope] });
  },
  setAutostart: async ({ autostart }, { connection, dom }) => {
    await connection.call(remote.domainSetAutostart, { dom, autostart: autostart ? 1 : 0 });
  },
  // Where only known elements were edited it is not validated against the schema, which lags behind what libvirt itself prints.
  define: async ({ xml, text }, { connection }) => {
    await connection.call(remote.domainDefineXmlFlags, { xml, flags: text?.validate === true ? defineFlag.validate : 0 });
  },
};
