// What starting adds to a definition and stopping takes away: the id, aliases, and the host's ends of devices.
import { Element } from './xml.ts';

/** `vda` is 0, `vdz` 25, `vdaa` 26. */
const targetIndex = (target: string): number =>
  Array.from(target.replace(/^(vd|sd|hd|xvd|fd)/, '')).reduce((index, letter) => index * 26 + (letter.codePointAt(0) ?? 96) - 96, 0) - 1;

/** libvirt’s name of a running disk. */
export const diskAlias = (disk: Element): string => {
  const target = disk.at('target');
  const index = targetIndex(target?.get('dev') ?? 'vda');
  const bus = target?.get('bus') ?? 'virtio';
  return bus === 'virtio' ? `virtio-disk${index}` : `${bus}0-0-${bus === 'scsi' ? '0-' : ''}${index}`;
};

const aliased = new Map<string, (index: number, device: Element) => string>([
  ['disk', (_, device) => diskAlias(device)],
  ['interface', (index) => `net${index}`],
  ['controller', (index, device) => (device.get('type') === 'pci' && device.get('index') === '0' ? 'pcie.0' : `${device.get('type') ?? 'pci'}${device.get('index') ?? index}`)],
  ['serial', (index) => `serial${index}`],
  ['console', (index) => `serial${index}`],
  ['channel', (index) => `channel${index}`],
  ['input', (index) => `input${index}`],
  ['memballoon', () => 'balloon0'],
  ['rng', (index) => `rng${index}`],
  ['video', (index) => `video${index}`],
  ['tpm', () => 'tpm0'],
  ['watchdog', (index) => `watchdog${index}`],
  ['filesystem', (index) => `fs${index}`],
  ['hostdev', (index) => `hostdev${index}`],
]);

/**
 * The live XML of a guest that starts with this definition.
 * @param device the number of its first `vnetN`.
 */
export const liveXml = (saved: Element, id: number, device: number): Element => {
  const live = new Element(saved.name, { type: saved.get('type') ?? 'kvm', id: String(id) }, []);
  for (const [name, value] of saved.attributes) live.set(name, value);
  live.append(...saved.clone().children);
  if (live.at('resource') === undefined) live.ensure('resource', 'partition').text = '/machine';
  const counts = new Map<string, number>();
  for (const child of live.at('devices')?.children ?? []) {
    const index = counts.get(child.name) ?? 0;
    counts.set(child.name, index + 1);
    attach(child, index, id, device);
  }
  const uuid = live.at('uuid')?.text ?? '';
  const label = new Element('seclabel', { type: 'dynamic', model: 'apparmor', relabel: 'yes' });
  label.ensure('label').text = `libvirt-${uuid}`;
  label.ensure('imagelabel').text = `libvirt-${uuid}`;
  live.add(label);
  return live;
};

const attach = (child: Element, index: number, id: number, device: number): void => {
  const alias = aliased.get(child.name);
  if (alias !== undefined && child.at('alias') === undefined) child.add(new Element('alias', { name: alias(index, child) }));
  if (child.name === 'interface' && child.at('target') === undefined) child.add(new Element('target', { dev: `vnet${device + index}` }));
  if ((child.name === 'serial' || child.name === 'console') && child.get('type') === 'pty' && child.at('source') === undefined) {
    const source = new Element('source', { path: `/dev/pts/${id}` });
    const rest = child.children;
    for (const element of rest) child.remove(element);
    child.append(source, ...rest);
    if (child.name === 'console') child.set('tty', `/dev/pts/${id}`);
  }
  if (child.name === 'graphics' && child.get('autoport') === 'yes') child.set('port', String(5899 + id));
};

/** The inactive XML of a guest that only runs: what would be defined from it. */
export const inactiveXml = (live: Element): Element => {
  const root = live.clone();
  root.attributes.delete('id');
  for (const label of root.all('seclabel')) if (label.get('type') === 'dynamic') root.remove(label);
  for (const child of root.at('devices')?.children ?? []) {
    child.remove(child.at('alias'));
    if (child.name === 'interface' && child.at('target')?.get('dev')?.startsWith('vnet') === true) child.remove(child.at('target'));
    if ((child.name === 'serial' || child.name === 'console') && child.get('type') === 'pty') {
      child.remove(child.at('source'));
      child.attributes.delete('tty');
    }
    if (child.name === 'graphics' && child.get('autoport') === 'yes') child.set('port', '-1');
  }
  return root;
};

/** The same XML without passwords, as clients see it that do not ask for them. */
export const withoutSecrets = (from: Element): Element => {
  const protectedDevices = from.at('devices')?.all('graphics').filter((graphics) => graphics.attributes.has('passwd')) ?? [];
  if (protectedDevices.length === 0) return from;
  const root = from.clone();
  for (const graphics of root.at('devices')?.all('graphics') ?? []) graphics.attributes.delete('passwd');
  return root;
};
