// Schedulers of threads that share their elements, and parts of caches.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { resctrlFromCapabilities } from '../xml/resctrl.ts';
import { type Facts, unknownFacts } from './knob.ts';
import { cacheTune, memoryTune } from './resctrl-tuning.ts';
import { emulatorScheduler, vcpuScheduler } from './schedulers.ts';

const facts = unknownFacts('any');
const of = (tune: string, type = 'kvm'): DomainXml => DomainXml.parse(`<domain type='${type}'>\n  <vcpu>4</vcpu>\n  <cputune>\n${tune}  </cputune>\n</domain>\n`);

describe('a scheduler', () => {
  it('set for one vCPU leaves those of its group theirs, and joins its like', () => {
    const xml = of("    <vcpusched vcpus='0-3' scheduler='fifo' priority='1'/>\n");
    const before = xml.text();
    vcpuScheduler.write(xml, '1', { scheduler: 'idle', priority: null });
    vcpuScheduler.write(xml, '3', { scheduler: 'idle', priority: null });
    expect(xml.elements('cputune', 'vcpusched').map((element) => element.toString())).toEqual(["<vcpusched vcpus='0,2' scheduler='fifo' priority='1'/>", "<vcpusched vcpus='1,3' scheduler='idle'/>"]);
    for (const unit of ['1', '3']) vcpuScheduler.write(xml, unit, { scheduler: 'fifo', priority: 1 });
    expect(xml.text()).toBe(before);
  });

  it('is that of the last edit for each vCPU, whatever came in between', () => {
    const value = fc.constantFrom({ scheduler: null, priority: null }, { scheduler: 'batch', priority: null }, { scheduler: 'rr', priority: 5 }, { scheduler: 'rr', priority: 6 });
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('0', '1', '2', '3'), value)), (edits) => {
      const xml = of('');
      const goal = vcpuScheduler.read(xml, facts);
      const all = { ...goal };
      for (const [unit, to] of edits) {
        vcpuScheduler.write(xml, unit, to);
        all[unit] = to;
      }
      expect(vcpuScheduler.read(xml, facts)).toEqual(all);
    }));
  });

  it.each([
    [{ scheduler: 'fifo', priority: null }, ['fifo needs a priority from 1 to 99.']],
    [{ scheduler: 'rr', priority: 100 }, ['Priorities go from 1 to 99.']],
    [{ scheduler: 'batch', priority: 1 }, ['Only fifo and rr have a priority.']],
    [{ scheduler: 'deadline', priority: null }, ['There is no scheduler deadline: it is batch, idle, fifo or rr.']],
    [{ scheduler: null, priority: null }, []],
    [{ scheduler: 'rr', priority: 99 }, []],
  ])('%j is judged', (value, expected) => expect(emulatorScheduler.check(value, '', 'saved', facts, of('')).map(({ message }) => message)).toEqual(expected));
});

const resctrl = resctrlFromCapabilities(`<capabilities><host>
  <cache>
    <bank id='0' level='3' type='both' size='15' unit='MiB' cpus='0-5'><control granularity='768' min='1536' unit='KiB' type='both' maxAllocs='4'/></bank>
    <bank id='1' level='3' type='both' size='15' unit='MiB' cpus='6-11'/>
  </cache>
  <memory_bandwidth><node id='0' cpus='0-5'><control granularity='10' min='10' maxAllocs='4'/></node></memory_bandwidth>
</host></capabilities>`);
const able: Facts = { ...facts, resctrl };

describe('parts of caches and bandwidth', () => {
  it('are offered as the host tells', () => expect(resctrl).toEqual({
    caches: [{ id: 0, level: 3, type: 'both', size: 15_360, granularity: 768, minimum: 1536, allocations: 4 }],
    nodes: [{ id: 0, granularity: 10, minimum: 10, allocations: 4 }],
  }));

  it('cannot be set, with the reason, where the host tells of none', () => {
    const without: Facts = { ...facts, resctrl: resctrlFromCapabilities('<capabilities/>') };
    expect([cacheTune.control(without).fixed, memoryTune.control(without).fixed, cacheTune.control(able).fixed]).toEqual([expect.stringMatching(/^This host does not tell of caches/), expect.stringMatching(/^This host does not tell of memory bandwidth/), undefined]);
  });

  it('leave monitors and other parts as they are', () => {
    const xml = of("    <cachetune vcpus='0-1'>\n      <cache id='0' level='3' type='both' size='3' unit='MiB'/>\n      <monitor level='3' vcpus='0-1'/>\n    </cachetune>\n");
    const before = xml.text();
    const [part] = cacheTune.read(xml, able)[''] ?? [];
    expect(part).toEqual({ vcpus: '0-1', level: 3, id: 0, type: 'both', size: 3072 });
    if (part === undefined) return;
    cacheTune.write(xml, '', [part, { ...part, vcpus: '2' }]);
    cacheTune.write(xml, '', [part]);
    expect(xml.text()).toBe(before);
    cacheTune.write(xml, '', []);
    expect(xml.elements('cputune', 'cachetune', 'monitor').length).toBe(1);
  });

  it.each([
    [{ vcpus: '0-1', id: 0, size: 1536 }, []],
    [{ vcpus: '0-1', id: 0, size: 2000 }, ['Parts of cache 0 are multiples of 768 KiB.']],
    [{ vcpus: '0-1', id: 0, size: 768 }, ['Of cache 0 a part is 1.5 MiB to 15 MiB.']],
    [{ vcpus: '0-1', id: 1, size: 1536 }, ['The host has no cache 1 of level 3 that it divides for code and data together: there is 0 (level 3, both).']],
    [{ vcpus: '4', id: 0, size: 1536 }, ['The guest has no vCPU 4.']],
    [{ vcpus: '', id: 0, size: 1536 }, ['Name the vCPUs that each part is for: 0-3.']],
  ])('%j is judged', (part, expected) => expect(cacheTune.check([{ level: 3, type: 'both', ...part }], '', 'saved', able, of('')).map(({ message }) => message)).toEqual(expected));

  it('are for KVM guests, and each vCPU is in one group', () => {
    expect(memoryTune.check([{ vcpus: '0', id: 0, bandwidth: 50 }], '', 'saved', able, of('', 'qemu')).map(({ message }) => message)).toEqual(['libvirt divides caches and bandwidth for KVM guests only.']);
    expect(memoryTune.check([{ vcpus: '0-2', id: 0, bandwidth: 50 }, { vcpus: '2-3', id: 0, bandwidth: 55 }], '', 'saved', able, of('')).map(({ message }) => message))
      .toEqual(['vCPU 2 is in the parts of 0-2 and of 2-3: a vCPU belongs to one group.', 'Bandwidth is a multiple of 10 %.']);
  });
});
