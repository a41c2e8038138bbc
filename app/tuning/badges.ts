// Short marks of what is tuned on a guest, for the fleet's rows.
import type { DomainXml } from '../xml/domain-xml.ts';
import { limitOf } from './memory-limits.ts';
import { averageOf } from './nic-bandwidth.ts';
import { nicPath } from './nic-element.ts';
import { kibOf, sayKib } from './memory-size.ts';

/** libvirt's period when none is written: 100 ms, https://libvirt.org/formatdomain.html#cpu-tuning */
const usualPeriod = 100_000;
/** Quotas from here on are how libvirt writes "no limit" (2^64 / 2^20 - 1). */
const noQuota = 17_592_186_044_415;

/** The marks of one definition: `pinned`, `shares 2048`, `cpu ≤ 800 %`, `real time`, `hugepages`, `numa 0`, `balloon 4 GiB`, `memory ≤ 28 GiB`, `throttled`, `network limited`, `2 iothreads`. */
export function badges(xml: DomainXml): readonly string[] {
  const pinned = xml.elements('cputune', 'vcpupin').length > 0;
  const shares = numberAt(xml, 'cputune', 'shares');
  const limit = cpuLimit(xml);
  const nodes = xml.element('numatune', 'memory')?.attribute('nodeset') ?? null;
  const [total, balloon, most] = [kibOf(xml.element('memory')), kibOf(xml.element('currentMemory')), limitOf(xml, 'hard_limit')];
  const threads = numberAt(xml, 'iothreads') ?? xml.elements('iothreadids', 'iothread').length;
  return [
    ...(pinned ? ['pinned'] : []),
    ...(shares === null ? [] : [`shares ${shares}`]),
    ...(limit === null ? [] : [`cpu ≤ ${limit} %`]),
    ...(isRealTime(xml) ? ['real time'] : []),
    ...(xml.element('memoryBacking', 'hugepages') === null ? [] : ['hugepages']),
    ...(xml.element('memoryBacking', 'locked') === null ? [] : ['locked']),
    ...(nodes === null ? [] : [`numa ${nodes}`]),
    ...(balloon === null || total === null || balloon >= total ? [] : [`balloon ${sayKib(balloon)}`]),
    ...(most === null ? [] : [`memory ≤ ${sayKib(most)}`]),
    ...(xml.element('devices', 'disk', 'iotune') === null ? [] : ['throttled']),
    ...(xml.elements(...nicPath).some((nic) => averageOf(nic, 'inbound') !== null || averageOf(nic, 'outbound') !== null) ? ['network limited'] : []),
    ...(threads === 0 ? [] : [`${threads} iothread${threads === 1 ? '' : 's'}`]),
  ];
}

/** Whether any of its threads goes before all ordinary programs of the host. */
const isRealTime = (xml: DomainXml): boolean =>
  ['vcpusched', 'iothreadsched', 'emulatorsched'].some((name) => xml.elements('cputune', name).some((element) => ['fifo', 'rr'].includes(element.attribute('scheduler') ?? '')));

/** The most CPU time the guest's vCPUs may take, in percent of one CPU; null = no limit. */
function cpuLimit(xml: DomainXml): number | null {
  const vcpu = xml.element('vcpu');
  const count = Number(vcpu?.attribute('current') ?? vcpu?.text ?? '1');
  const all = percent(xml, 'global_period', 'global_quota');
  const each = percent(xml, 'period', 'quota');
  const limits = [all, each === null ? null : each * count].filter((limit) => limit !== null && Number.isFinite(limit));
  return limits.length === 0 ? null : Math.round(Math.min(...limits.map(Number)));
}

function percent(xml: DomainXml, period: string, quota: string): number | null {
  const limit = numberAt(xml, 'cputune', quota);
  return limit === null || limit === 0 || limit >= noQuota ? null : (limit / (numberAt(xml, 'cputune', period) || usualPeriod)) * 100;
}

const numberAt = (xml: DomainXml, ...path: readonly string[]): number | null => {
  const text = xml.textOf(...path);
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
};
