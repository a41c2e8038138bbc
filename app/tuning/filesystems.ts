// Folders of the host that a guest mounts: <devices><filesystem> by 9p and virtiofs, https://libvirt.org/formatdomain.html#filesystems
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { childIn, deviceAddress, type DeviceKind, isNew, letsGo, listOf, putChild } from './device-list.ts';
import { type Facts, type Finding, itemField, type Knob, type Truth, wholeGuest } from './knob.ts';

const word = z.string().min(1).max(32).nullable();
const text = z.string().min(1).max(4096);
/** `accessmode` and `cache` null = as usual; a cache is virtiofs’s alone. */
const filesystem = z.strictObject({ driver: z.enum(['path', 'virtiofs']), source: text, target: text, accessmode: word, readonly: z.boolean(), cache: word, address: deviceAddress }).readonly();
type Filesystem = z.infer<typeof filesystem>;

const kind: DeviceKind<Filesystem> = {
  element: 'filesystem',
  order: ['driver', 'binary', 'idmap', 'source', 'target', 'readonly', 'space_hard_limit', 'space_soft_limit', 'alias', 'address'],
  known: ['target'],
  open: ['accessmode'],
  read(element) {
    const [driver, source, target] = [element.element('driver')?.attribute('type') ?? 'path', element.element('source')?.attribute('dir') || null, element.element('target')?.attribute('dir') || null];
    // Others are images, RAM, or a virtiofsd that somebody else runs.
    if ((element.attribute('type') ?? 'mount') !== 'mount' || source === null || target === null || (driver !== 'path' && driver !== 'virtiofs')) return null;
    return { driver, source, target, accessmode: element.attribute('accessmode'), readonly: element.element('readonly') !== null, cache: element.element('binary', 'cache')?.attribute('mode') ?? null, address: null };
  },
  write(element, wanted) {
    const has = kind.read(element);
    if (element.attribute('type') === null) element.setAttribute('type', 'mount');
    if (wanted.accessmode === null) element.removeAttribute('accessmode');
    else element.setAttribute('accessmode', wanted.accessmode);
    if ((has?.driver ?? 'path') !== wanted.driver) {
      // What one driver is told means nothing to the other.
      for (const name of ['driver', 'binary']) for (const old of element.elements(name)) element.remove(old);
      if (wanted.driver === 'virtiofs') childIn(element, 'driver', kind).setAttribute('type', 'virtiofs');
    }
    const cache = element.element('binary', 'cache');
    if ((cache?.attribute('mode') ?? null) !== wanted.cache) {
      if (wanted.cache === null) cache?.parent?.remove(cache);
      else (cache ?? childIn(element, 'binary', kind).add('cache', { order: ['cache', 'sandbox', 'lock', 'thread_pool'] })).setAttribute('mode', wanted.cache);
    }
    putChild(element, 'source', { dir: wanted.source }, kind);
    putChild(element, 'target', { dir: wanted.target }, kind);
    const mark = element.element('readonly');
    if (wanted.readonly && mark === null) childIn(element, 'readonly', kind);
    if (!wanted.readonly && mark !== null) element.remove(mark);
  },
  say: ({ driver, source, target, readonly }) => `${source} as ${target} by ${driver === 'path' ? '9p' : driver}${readonly ? ', only read' : ''}`,
};

const isVirtiofs = ({ driver }: Filesystem): boolean => driver === 'virtiofs';
/** virtiofsd reads the guest's memory itself. */
const isShared = (xml: DomainXml): boolean => {
  const cells = xml.elements('cpu', 'numa', 'cell');
  return xml.element('memoryBacking', 'access')?.attribute('mode') === 'shared' || (cells.length > 0 && cells.every((cell) => cell.attribute('memAccess') === 'shared'));
};

export const filesystems: Knob<readonly Filesystem[]> = {
  label: 'Shared folders',
  panel: 'devices',
  card: 'Shared folders',
  only: ['qemu'],
  control: (facts) => ({
    kind: 'list',
    item: 'folder',
    most: 32,
    fresh: { driver: 'virtiofs', source: '/srv/share', target: 'share', accessmode: null, readonly: false, cache: null, address: null },
    hint: 'The guest mounts a folder by its tag: mount -t virtiofs share /mnt, or mount -t 9p -o trans=virtio share /mnt. While the guest runs, those of virtiofs are plugged and taken away.',
    fields: {
      driver: { kind: 'choice', label: 'By', absent: null, options: [
        { value: 'virtiofs', label: 'virtiofs', hint: 'Fast, and behaves as a local file system. Needs memory that is shared with its server.', ...(facts.domainCapabilities?.devices['filesystem']?.enums['driverType']?.includes('virtiofs') === false && { unusable: 'not on this host' }) },
        { value: 'path', label: '9p', hint: 'Slower, with no needs; Windows and RHEL have no driver.' },
      ] },
      source: { kind: 'text', label: 'Folder of the host', absent: null, example: '/srv/share' },
      target: { kind: 'text', label: 'Tag', absent: null, example: 'share', hint: 'What the guest mounts it by; no path.' },
      accessmode: { kind: 'choice', label: 'Owners', absent: 'usual: passthrough', options: [
        { value: 'passthrough', label: 'passthrough', hint: 'Files are the guest’s users’ on the host as well.' },
        { value: 'mapped', label: 'mapped', hint: '9p: files are QEMU’s, and owners are kept beside them.' },
        { value: 'squash', label: 'squash', hint: '9p: files are QEMU’s.' },
      ] },
      cache: { kind: 'choice', label: 'Cache', absent: 'usual', options: [{ value: 'none', label: 'none' }, { value: 'always', label: 'always', hint: 'virtiofs: the guest takes the folder for its own; changes of others are not seen.' }] },
      readonly: { kind: 'switch', label: 'Only read' },
    },
  }),
  unit: wholeGuest,
  value: z.array(filesystem).max(32).readonly(),
  ...listOf(kind, isVirtiofs),

  check: (value, _unit, truth, facts, after) => value.flatMap((one, item) => findings(one, item, value, truth, facts, after)),
  arrives: letsGo,
  name: () => 'Shared folders',
};

function findings(one: Filesystem, item: number, all: readonly Filesystem[], truth: Truth, { libvirtVersion, domainCapabilities }: Facts, after: DomainXml): readonly Finding[] {
  const { driver, source, target, accessmode, readonly, cache } = one;
  const refuse = (message: string, key: keyof Filesystem): Finding => ({ level: 'error', message, field: itemField(item, key) });
  const longest = driver === 'virtiofs' ? 35 : 31;
  return [
    ...(source.startsWith('/') ? [] : [refuse('Write the whole path on the host, from / on.', 'source')]),
    ...(all.findIndex((other) => other.target === target) < item ? [refuse(`Another folder has the tag ${target}.`, 'target')] : []),
    ...(target.length > longest ? [refuse(`A tag has at most ${longest} characters.`, 'target')] : []),
    ...(driver === 'virtiofs' && domainCapabilities?.devices['filesystem']?.enums['driverType']?.includes('virtiofs') === false ? [refuse('The host has no virtiofs for this machine.', 'driver')] : []),
    ...(driver === 'virtiofs' && !isShared(after) ? [refuse(`virtiofs needs shared memory: under Memory, Backing, choose source memfd and access shared${truth === 'live' ? ' for the next start' : ''}.`, 'driver')] : []),
    ...(driver === 'virtiofs' && accessmode !== null && accessmode !== 'passthrough' ? [refuse('virtiofs keeps owners as they are: passthrough.', 'accessmode')] : []),
    ...(driver === 'virtiofs' && readonly && libvirtVersion !== null && libvirtVersion < 11_000_000 ? [refuse('virtiofs can be only read from libvirt 11.0 on.', 'readonly')] : []),
    ...(driver === 'path' && cache !== null ? [refuse('Only virtiofs has a cache to choose.', 'cache')] : []),
    ...(driver === 'path' && isNew(kind, one, truth, after) ? [refuse('A folder by 9p cannot be plugged while the guest runs.', 'driver')] : []),
  ];
}
