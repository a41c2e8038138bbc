// How each kind of tuning step becomes a call. A kind without a handler here does not compile.
import type { StepHandlers } from '../../app/tuning/steps.ts';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import type { Scope } from '../../app/tuning/steps.ts';
import { affect } from '../libvirt/constants.ts';
import type { Connection } from '../libvirt/connection.ts';
import { type Domain, param } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';

/** The guest a step is taken on. */
export interface StepContext {
  readonly connection: Connection;
  readonly dom: Domain;
}

const flagsOf: Readonly<Record<Scope, number>> = { live: affect.live, saved: affect.config, both: affect.live | affect.config };

/** Each kind's call; they throw LibvirtError when libvirt refuses. */
export const stepHandlers: StepHandlers<StepContext> = {
  pinVcpu: async ({ vcpu, cpus, scope }, { connection, dom }) => {
    await connection.call(remote.domainPinVcpuFlags, { dom, vcpu, cpumap: CpuSet.parse(cpus).toMap(), flags: flagsOf[scope] });
  },
  pinEmulator: async ({ cpus, scope }, { connection, dom }) => {
    await connection.call(remote.domainPinEmulator, { dom, cpumap: CpuSet.parse(cpus).toMap(), flags: flagsOf[scope] });
  },
  setScheduler: async ({ field, value, scope }, { connection, dom }) => {
    await connection.call(remote.domainSetSchedulerParametersFlags, { dom, params: [param.ullong(field, BigInt(value))], flags: flagsOf[scope] });
  },
  // Not validated against the schema: it lags behind what libvirt itself prints, and only known elements were edited.
  define: async ({ xml }, { connection }) => {
    await connection.call(remote.domainDefineXmlFlags, { xml, flags: 0 });
  },
};
