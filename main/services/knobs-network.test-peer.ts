// The network knobs of the table: each with a value, and what shows that the host has it.
import { type Row, row } from './knob-row.test-peer.ts';

const live = (shows: RegExp) => ({ virsh: ['dumpxml'], shows });
const saved = (shows: RegExp) => ({ virsh: ['dumpxml', '--inactive'], shows });
const both = (shows: RegExp) => [live(shows), saved(shows)];
const fieldOnly = (message: RegExp): NonNullable<Row['refused']> => ({ lab: { by: 'field', message }, demo: { by: 'field', message } });

/** Has a NIC of kind ethernet: a tap device that nothing is connected to. */
const tap = '52:54:00:ba:2e:01';
const bare = { guest: 'bare', unit: tap } as const;
/** Has a NIC of kind user, and a system that lets go of what is unplugged. */
const slirp = '52:54:00:50:25:27';
const one = { guest: 'lab-one', unit: slirp } as const;
const twice = { truths: ['live', 'saved'] } as const;
const now = { truths: ['live'] } as const;
const later = { truths: ['saved'] } as const;

const unlimited = { 'inbound.average': null, 'inbound.peak': null, 'inbound.burst': null, 'inbound.floor': null, 'outbound.average': null, 'outbound.peak': null, 'outbound.burst': null };
const inward = { ...unlimited, 'inbound.average': 12_500, 'inbound.peak': 25_000, 'inbound.burst': 2048 };
/** What virsh domiftune prints of a NIC, of one truth. */
const tuned = (which: '--live' | '--config', shows: RegExp) => ({ virsh: ['domiftune', tap, which], shows });
const open = { filter: null, parameters: null, isolated: false, vlan: null, trunk: false };
const usual = { mtu: null, boot: null, name: null, queues: null, rx_queue_size: null, tx_queue_size: null, txmode: null, ioeventfd: null, event_idx: null };
const nic = { kind: 'user', source: null, mode: null, portgroup: null, backend: null, model: 'virtio', address: null } as const;

export const networkRows: readonly Row[] = [
  row({
    ...bare, ...later, knob: 'nicBandwidth', value: inward,
    witnesses: [saved(/<inbound average='12500' peak='25000' burst='2048'\/>/), tuned('--config', /inbound\.average\s*: 12500\ninbound\.peak\s*: 25000\ninbound\.burst\s*: 2048\ninbound\.floor\s*: 0\noutbound\.average\s*: 0/)],
  }),
  row({
    ...bare, ...later, knob: 'nicBandwidth', value: { ...inward, 'outbound.average': 6250, 'outbound.burst': 1024 },
    witnesses: [saved(/<inbound average='12500' peak='25000' burst='2048'\/>\s*<outbound average='6250' burst='1024'\/>/), tuned('--config', /inbound\.burst\s*: 2048\n[^]*outbound\.average\s*: 6250\noutbound\.peak\s*: 0\noutbound\.burst\s*: 1024/)],
  }),
  // The kernel that the lab's daemon runs on has none of the queues that libvirt asks tc for.
  row({
    ...bare, ...now, knob: 'nicBandwidth', value: inward, witnesses: [live(/<inbound average='12500' peak='25000' burst='2048'\/>/), tuned('--live', /inbound\.average\s*: 12500\ninbound\.peak\s*: 25000/)],
    refused: { lab: { by: 'libvirt', message: /tc qdisc add dev vnet\d+ .*sfq/ } },
  }),
  row({
    ...bare, ...now, knob: 'nicBandwidth', value: { ...unlimited, 'outbound.average': 6250 }, witnesses: [live(/<outbound average='6250'\/>/), tuned('--live', /outbound\.average\s*: 6250/)],
    refused: { lab: { by: 'libvirt', message: /tc filter add dev vnet\d+ .*police/ } },
  }),
  row({ ...bare, ...later, knob: 'nicBandwidth', value: { ...unlimited, 'inbound.peak': 25_000 }, witnesses: [saved(/<inbound/)], refused: fieldOnly(/^A peak needs an average/) }),
  row({ ...bare, ...later, knob: 'nicBandwidth', value: { ...unlimited, 'outbound.burst': 2048 }, witnesses: [saved(/<outbound/)], refused: fieldOnly(/^A burst needs an average/) }),
  row({ ...bare, ...later, knob: 'nicBandwidth', value: { ...unlimited, 'inbound.average': 25_000, 'inbound.peak': 12_500 }, witnesses: [saved(/<inbound/)], refused: fieldOnly(/^The peak is below the average/) }),
  row({ ...bare, ...later, knob: 'nicBandwidth', value: { ...unlimited, 'inbound.floor': 12_500 }, witnesses: [saved(/<inbound/)], refused: fieldOnly(/^A floor is a part of what a network has, and this NIC is of kind ethernet/) }),
  row({ ...one, ...later, knob: 'nicBandwidth', value: inward, witnesses: [saved(/<inbound/)], refused: fieldOnly(/^libvirt cannot limit a NIC of kind user/) }),

  row({ ...bare, ...twice, knob: 'nicLink', value: 'down', witnesses: [...both(/<link state='down'\/>/), { virsh: ['domif-getlink', tap], shows: /down/ }, { virsh: ['domif-getlink', tap, '--config'], shows: /down/ }] }),
  row({ ...one, ...now, knob: 'nicLink', value: 'down', witnesses: [live(/<link state='down'\/>/), { virsh: ['domif-getlink', slirp], shows: /down/ }] }),

  row({ ...bare, ...later, knob: 'nicPort', value: { ...open, filter: 'clean-traffic', parameters: 'IP=192.168.122.5, IP=192.168.122.6' }, witnesses: [saved(/<filterref filter='clean-traffic'>\s*<parameter name='IP' value='192.168.122.5'\/>\s*<parameter name='IP' value='192.168.122.6'\/>/)] }),
  row({ ...bare, ...later, knob: 'nicPort', value: { ...open, filter: 'clean-traffic', parameters: 'IP' }, witnesses: [saved(/<filterref/)], refused: fieldOnly(/^Values are written as NAME=value/) }),
  row({ ...bare, ...later, knob: 'nicPort', value: { ...open, parameters: 'IP=192.168.122.5' }, witnesses: [saved(/<filterref/)], refused: fieldOnly(/^Values are for a filter/) }),
  row({ ...bare, ...later, knob: 'nicPort', value: { ...open, isolated: true }, witnesses: [saved(/isolated/)], refused: fieldOnly(/^Only NICs at a bridge can be isolated/) }),
  row({ ...bare, ...later, knob: 'nicPort', value: { ...open, vlan: '4711' }, witnesses: [saved(/<vlan/)], refused: fieldOnly(/^VLAN tags are numbers from 0 to 4095/) }),

  row({
    ...bare, ...later, knob: 'nicDriver', value: { ...usual, mtu: 1400, name: 'vhost', queues: 2, rx_queue_size: 512, txmode: 'iothread', ioeventfd: 'on', event_idx: 'off' },
    witnesses: [saved(/<driver name='vhost' (?=[^>]*txmode='iothread')(?=[^>]*ioeventfd='on')(?=[^>]*event_idx='off')(?=[^>]*queues='2')(?=[^>]*rx_queue_size='512')[^>]*\/>/), saved(/<mtu size='1400'\/>/)],
  }),
  row({ ...bare, ...now, knob: 'nicDriver', value: { ...usual, mtu: 1400 }, witnesses: [live(/<mtu/)], refused: fieldOnly(/^This cannot be changed while the guest runs/) }),
  row({ ...bare, ...later, knob: 'nicDriver', value: { ...usual, queues: 300 }, witnesses: [saved(/queues/)], refused: fieldOnly(/^There can be 1 to 256 queues/) }),
  row({ ...bare, ...later, knob: 'nicDriver', value: { ...usual, rx_queue_size: 300 }, witnesses: [saved(/rx_queue/)], refused: fieldOnly(/^Rings have 256, 512 or 1024 places/) }),
  row({ ...one, ...later, knob: 'nicDriver', value: { ...usual, mtu: 1400 }, witnesses: [saved(/<mtu/)], refused: fieldOnly(/^libvirt sets no MTU on a NIC of kind user/) }),

  row({
    ...one, ...later, unit: '', knob: 'nics', value: [{ ...nic, mac: slirp }, { ...nic, mac: '52:54:00:ba:2e:07', model: 'e1000' }],
    witnesses: [saved(/<mac address='52:54:00:ba:2e:07'\/>\s*<model type='e1000'\/>/)],
  }),
  row({ ...one, ...now, unit: '', knob: 'nics', value: [{ ...nic, mac: slirp }, { ...nic, mac: '52:54:00:ba:2e:08' }], witnesses: [live(/<mac address='52:54:00:ba:2e:08'\/>/)], late: { lab: true } }),
  row({ ...one, ...later, unit: '', knob: 'nics', value: [{ ...nic, mac: slirp, kind: 'bridge', source: 'br4711' }], witnesses: [saved(/<interface type='bridge'>\s*<mac address='52:54:00:50:25:27'\/>\s*<source bridge='br4711'\/>/)] }),
  row({ ...one, ...later, unit: '', knob: 'nics', value: [{ ...nic, mac: slirp, kind: 'direct', source: 'eth4711', mode: 'private' }], witnesses: [saved(/<interface type='direct'>\s*<mac address='52:54:00:50:25:27'\/>\s*<source dev='eth4711' mode='private'\/>/)] }),
  row({ ...one, ...later, unit: '', knob: 'nics', value: [{ ...nic, mac: '52:54:00:ba:2e:09' }], witnesses: [saved(/<mac address='52:54:00:ba:2e:09'\/>\s*<model type='virtio'\/>/)] }),
  row({ ...one, ...now, unit: '', knob: 'nics', value: [{ ...nic, mac: slirp, model: 'e1000' }], witnesses: [live(/e1000/)], refused: fieldOnly(/^A NIC that is plugged in keeps its model/) }),
  row({ ...one, ...now, unit: '', knob: 'nics', value: [{ ...nic, mac: slirp, kind: 'bridge', source: 'br4711' }], witnesses: [live(/br4711/)], refused: fieldOnly(/^While the guest runs, a NIC moves between networks and bridges only; this one is of kind user/) }),
  row({ ...one, ...later, unit: '', knob: 'nics', value: [{ ...nic, mac: slirp }, { ...nic, mac: slirp }], witnesses: [saved(/none of that/)], refused: fieldOnly(/^Another NIC of this guest has this address/) }),
  row({ ...one, ...later, unit: '', knob: 'nics', value: [{ ...nic, mac: '53:54:00:ba:2e:09' }], witnesses: [saved(/53:54/)], refused: fieldOnly(/^The first pair of digits is odd/) }),
  row({ ...one, ...later, unit: '', knob: 'nics', value: [{ ...nic, mac: slirp, mode: 'vepa' }], witnesses: [saved(/vepa/)], refused: fieldOnly(/^Only NICs of kind direct have a macvtap mode/) }),
];
