// The controllers of SCSI disks: what only virtio has, what hangs on one, and what stays when a model changes.
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { unknownFacts } from './knob.ts';
import { scsiControllers } from './scsi-controllers.ts';

const facts = unknownFacts('any');
const fast = "<controller type='scsi' index='0' model='virtio-scsi'>\n      <driver queues='4' iothread='2'/>\n      <alias name='scsi0'/>\n      <address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>\n    </controller>";
const old = "<controller type='scsi' index='1' model='lsilogic'/>";
const usb = "<controller type='usb' index='0' model='none'/>";
const sda = "<disk type='file' device='disk'>\n      <target dev='sda' bus='scsi'/>\n      <address type='drive' controller='1' bus='0' target='0' unit='0'/>\n    </disk>";
const of = (...devices: readonly string[]): DomainXml => DomainXml.parse(`<domain type='kvm'>\n  <vcpu>2</vcpu>\n  <iothreads>2</iothreads>\n  <devices>\n    ${devices.join('\n    ')}\n  </devices>\n</domain>\n`);
const read = (xml: DomainXml) => scsiControllers.read(xml, facts)[''] ?? [];
const plain = { index: 0, model: 'virtio-scsi', iothread: null, queues: null, cmd_per_lun: null, max_sectors: null, ioeventfd: null };
const found = (value: ReturnType<typeof read>, xml = of()): readonly string[] => {
  scsiControllers.write(xml, '', value);
  return scsiControllers.check(value, '', 'saved', facts, xml).map(({ level, field, message }) => `${level} ${field ?? ''}: ${message}`);
};

describe('SCSI controllers', () => {
  it('are read by their numbers, others left alone', () => {
    expect(read(of(old, usb, fast))).toEqual([{ ...plain, iothread: 2, queues: 4 }, { ...plain, index: 1, model: 'lsilogic' }]);
  });

  it('keep all they say but their slot when the model changes', () => {
    const xml = of(fast, usb);
    scsiControllers.write(xml, '', [{ ...plain, model: 'vmpvscsi' }]);
    expect(xml.text()).toBe(of("<controller type='scsi' index='0' model='vmpvscsi'>\n      <alias name='scsi0'/>\n    </controller>", usb).text());
  });

  it('come and go, each in the place of its kind', () => {
    const xml = of(old, usb);
    scsiControllers.write(xml, '', [{ ...plain, iothread: 1 }]);
    expect(xml.text()).toBe(of(usb, "<controller type='scsi' index='0' model='virtio-scsi'>\n      <driver iothread='1'/>\n    </controller>").text());
  });

  it.each([
    [[plain, plain], ['error 1.index: Another SCSI controller has the number 0.']],
    [[{ ...plain, model: 'lsilogic', cmd_per_lun: 4 }], ['error 0.cmd_per_lun: Only virtio-scsi controllers have this setting, and this one is lsilogic.']],
    [[{ ...plain, iothread: 3 }], ['error 0.iothread: The guest has no I/O thread 3: add it first, or with this.']],
    [[{ ...plain, queues: 4 }], ['warning 0.queues: The guest has at most 2 vCPUs: queues beyond that stay unused.']],
    [[{ ...plain, queues: 2000 }], ['error 0.queues: There can be 1022 queues at most.']],
    [[{ ...plain, iothread: 2, queues: 2 }], []],
  ])('%j: %j', (value, messages) => expect(found(value)).toEqual(messages));

  it('stay while a disk hangs on them', () => {
    expect(found([plain], of(fast, old, sda))).toEqual(['error : disk sda hangs on controller 1: move it to another bus or remove it first.']);
    expect(found([{ ...plain, index: 1 }], of(fast, old, sda))).toEqual([]);
  });
});
