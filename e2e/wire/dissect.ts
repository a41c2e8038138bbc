// What Wireshark's libvirt dissector (Debian: libvirt-wireshark) makes of messages.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../lab/processes.ts';
import { pcapOf } from './pcap.ts';
import type { Passed } from './tap.ts';

/** One message as the dissector shows it. */
export interface Dissected {
  /** `DOMAIN_PIN_VCPU_FLAGS (225)`. */
  readonly procedure: string;
  /** `CALL (0)`. */
  readonly type: string;
  readonly serial: number;
  readonly from: 'client' | 'server';
  /** The values of the payload in wire order, as text; bytes as hexadecimal digits. */
  readonly values: readonly string[];
  /** Names of fields that the dissector could not place. */
  readonly faults: readonly string[];
}

/** Lets tshark read the messages; throws when it says that one is malformed. */
export const dissect = async (passed: readonly Passed[]): Promise<readonly Dissected[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'gd-pcap-'));
  try {
    const file = join(folder, 'session.pcap');
    await writeFile(file, pcapOf(passed));
    const pdml = await mustRun('tshark', ['-r', file, '-Y', 'libvirt', '-T', 'pdml', '-J', 'libvirt tcp']);
    return pdml.split('<packet>').slice(1).flatMap(packetsOf);
  } finally {
    await rm(folder, { recursive: true });
  }
};

const packetsOf = (packet: string): readonly Dissected[] => {
  const from = /name="tcp\.srcport"[^>]* show="16509"/.test(packet) ? 'server' : 'client';
  return packet.split('<proto name="libvirt"').slice(1).map((text) => {
    const fields = [...text.matchAll(/<field name="([^"]*)"(?: showname="([^"]*)")?[^>]*? show="([^"]*)"[^>]*?(\/?)>/g)].map(([, name = '', shown = '', value = '', leaf]) => ({ name, shown: plain(shown), value: plain(value), isLeaf: leaf === '/' }));
    const header = (name: string): string => fields.find((field) => field.name === `libvirt.${name}`)?.shown.replace(`${name}: `, '') ?? '';
    const status = fields.findIndex(({ name }) => name === 'libvirt.status');
    return {
      procedure: header('procedure'),
      type: header('type'),
      serial: Number(header('serial')),
      from,
      values: fields.slice(status + 1).filter(({ isLeaf }) => isLeaf).map(({ value }) => value),
      faults: [...text.matchAll(/_ws\.malformed|_ws\.expert|libvirt\.unknown/g)].map(([name]) => name),
    };
  });
};

const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#x27;': "'" };
const plain = (text: string): string => text.replace(/&(?:lt|gt|amp|quot|#x27);/g, (entity) => entities[entity] ?? entity);
