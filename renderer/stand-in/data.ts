// A believable fleet for the stand-in: hosts in every phase, guests of every kind.
import type { Connection } from '../../app/contract/connections.ts';
import type { GuestSummary } from '../../app/contract/guests.ts';
import { cpuIndex, kib } from '../../app/domain/brands.ts';
import type { GuestState } from '../../app/domain/guest.ts';
import { type Topology, topologyOf } from '../../app/domain/topology.ts';

const gib = 1024 * 1024;

/** Two nodes of cores with two threads, numbered as Linux does: the second threads come last. `cpus` is a multiple of 4. */
export const topologyWith = (cpus: number): Topology => topologyOf([0, 1].map((node) => ({
  id: node,
  memory: kib(128 * gib),
  distances: [],
  pages: [],
  cpus: Array.from({ length: cpus / 2 }, (_, index) => {
    const core = node * (cpus / 4) + (index % (cpus / 4));
    return { id: cpuIndex(index < cpus / 4 ? core : core + cpus / 2), socket: node, die: 0, core, siblings: `${core},${core + cpus / 2}` };
  }),
})));

/** Two nodes of eight cores. */
export const topology: Topology = topologyWith(32);

const started = Date.UTC(2026, 10, 20, 8, 0, 0);

const unmarked = { group: '', color: null, tags: [], autoConnect: true, readOnly: false, allowPlain: false, warnings: [] } as const satisfies Partial<Connection>;

export const connections: readonly Connection[] = [
  { ...unmarked, id: 'demo', name: 'Demo host', uri: 'demo:///', transport: 'demo', tags: [], warnings: [], state: { phase: 'ready', since: started } },
  { ...unmarked, id: 'local', name: 'This computer', uri: 'qemu:///system', transport: 'unix', tags: [], warnings: [], state: { phase: 'off' } },
  { ...unmarked, id: 'atlas', name: 'atlas', uri: 'qemu+ssh://root@atlas/system?no_verify=1', transport: 'ssh', group: 'Frankfurt', color: 'blue', tags: ['web'], warnings: ['no-verify'], state: { phase: 'ready', since: started } },
  { ...unmarked, id: 'borealis', name: 'borealis', uri: 'qemu+tls://borealis/system', transport: 'tls', group: 'Frankfurt', color: 'blue', tags: ['databases', 'backed up'], warnings: [], state: { phase: 'ready', since: started } },
  {
    ...unmarked, id: 'cumulus', name: 'cumulus', uri: 'qemu+tls://cumulus/system', transport: 'tls', group: 'Oslo', color: 'green', tags: [], warnings: [],
    state: {
      phase: 'failed',
      refusal: { code: 'certificate-untrusted', stage: 'certificate', message: 'cumulus presented a certificate that the authority at /etc/pki/CA/cacert.pem did not sign.', remedy: 'Install the certificate of the authority that signed it, or issue a new one for this host.' },
      stages: [
        { outcome: 'done', stage: 'name', seen: 'cumulus is 10.0.4.17', milliseconds: 3 },
        { outcome: 'done', stage: 'port', seen: '10.0.4.17:16514 answers', milliseconds: 11 },
        { outcome: 'done', stage: 'tls', seen: 'TLS 1.3, TLS_AES_256_GCM_SHA384', milliseconds: 24 },
        { outcome: 'failed', stage: 'certificate', refusal: { code: 'certificate-untrusted', message: 'CN=cumulus is signed by an unknown authority.' }, milliseconds: 1 },
      ],
    },
  },
  {
    ...unmarked, id: 'drift', name: 'drift', uri: 'qemu+tcp://drift/system', transport: 'tcp', group: 'Oslo', tags: ['lab'], readOnly: true, allowPlain: true, warnings: ['plain'],
    state: { phase: 'lost', since: Date.now() - 95_000, nextTry: Date.now() + 27_000, refusal: { code: 'connection-lost', message: 'drift answered no keepalive for 12 seconds.', remedy: 'It is tried again by itself.' } },
  },
];

/** Name, host, state, vCPUs, GiB. */
const named: readonly (readonly [string, string, GuestState, number, number])[] = [
  ['db-primary', 'borealis', 'running', 8, 64], ['db-replica', 'borealis', 'running', 8, 64], ['web-01', 'borealis', 'running', 4, 8], ['web-02', 'borealis', 'running', 4, 8],
  ['web-03', 'demo', 'paused', 4, 8], ['etl-night', 'demo', 'shutoff', 32, 128], ['mail', 'atlas', 'running', 2, 4], ['win-erp', 'atlas', 'running', 8, 32],
  ['jump', 'atlas', 'running', 1, 1], ['ceph-osd-1', 'demo', 'running', 8, 16], ['ceph-osd-2', 'demo', 'running', 8, 16], ['ceph-osd-3', 'demo', 'running', 8, 16],
  ['build-runner', 'borealis', 'shutoff', 8, 16], ['k8s-cp-1', 'demo', 'running', 4, 16], ['k8s-w-1', 'demo', 'running', 16, 64], ['k8s-w-2', 'demo', 'running', 16, 64],
];
const states: readonly GuestState[] = ['running', 'running', 'running', 'shutoff', 'paused'];
const hosts = ['atlas', 'borealis', 'demo'];

export const guestsOf = (count: number): readonly GuestSummary[] => Array.from({ length: count }, (_, index) => {
  const [name, host, state, vcpus, memory] = named[index] ?? [`node-${String(index).padStart(4, '0')}`, hosts[index % hosts.length] ?? 'demo', states[index % states.length] ?? 'running', 1 << (index % 5), 1 << (index % 7)];
  return {
    host, name, state, vcpus, vcpusMaximum: vcpus, uuid: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
    memoryKiB: memory * gib, memoryMaximumKiB: memory * gib, persistent: true, autostart: index % 3 === 0, managedSave: false,
  };
});

/** A definition as libvirt would print it; db-primary and db-replica are pinned. */
export const definitionOf = ({ name, uuid, vcpus, memoryKiB }: GuestSummary): string => {
  const pins = name === 'db-primary' ? Array.from({ length: vcpus }, (_, vcpu) => `    <vcpupin vcpu='${vcpu}' cpuset='${vcpu}'/>\n`).join('')
    : name === 'db-replica' ? Array.from({ length: vcpus }, (_, vcpu) => `    <vcpupin vcpu='${vcpu}' cpuset='${vcpu < 4 ? '10-13' : '26-29'}'/>\n`).join('') : '';
  return `<domain type='kvm'>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <memory unit='KiB'>${memoryKiB}</memory>
  <currentMemory unit='KiB'>${memoryKiB}</currentMemory>
  <vcpu placement='static'>${vcpus}</vcpu>
${pins === '' ? '' : `  <cputune>\n    <shares>2048</shares>\n${pins}  </cputune>\n`}  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <cpu mode='host-passthrough' check='none' migratable='on'/>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/var/lib/libvirt/images/${name}.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <memballoon model='virtio'/>
  </devices>
</domain>
`;
};
