// What a host's capabilities tell of the guests it can run: machine types and security drivers, https://libvirt.org/formatcaps.html
import { z } from '../domain/schema.ts';
import { readXml } from './read-xml.ts';

/** `alias` is the short name that stands for it at this moment: `q35`. */
const machineType = z.strictObject({ name: z.string(), alias: z.string().nullable(), deprecated: z.boolean(), maxCpus: z.int().min(1).nullable() }).readonly();
export const machineTypes = z.array(machineType).readonly();
export type MachineTypes = z.infer<typeof machineTypes>;

export interface HostKinds {
  /** By architecture and kind of domain (`x86_64 kvm`), the newest name first. */
  readonly machines: ReadonlyMap<string, MachineTypes>;
  /** The security drivers that label guests: `selinux`, `apparmor`, `dac`. */
  readonly securityModels: readonly string[];
}

/** Numbers in names by their value. */
const newestFirst = (one: { readonly name: string }, other: { readonly name: string }): number => other.name.localeCompare(one.name, 'en', { numeric: true });

/** Out of what CONNECT_GET_CAPABILITIES answers. */
export function hostKinds(text: string): HostKinds {
  const { root } = readXml(text);
  const machines = new Map<string, MachineTypes>();
  for (const arch of root.elements('guest').filter((guest) => guest.element('os_type')?.text === 'hvm').flatMap((guest) => guest.elements('arch'))) {
    for (const domain of arch.elements('domain')) {
      const own = domain.elements('machine');
      const told = own.length > 0 ? own : arch.elements('machine');
      const aliases = new Map(told.flatMap((each) => (each.attribute('canonical') === null ? [] : [[each.attribute('canonical'), each.text]])));
      machines.set(`${arch.attribute('name') ?? ''} ${domain.attribute('type') ?? ''}`, told.filter((each) => each.attribute('canonical') === null).map((each) => {
        const most = Number(each.attribute('maxCpus') ?? '');
        return { name: each.text, alias: aliases.get(each.text) ?? null, deprecated: each.attribute('deprecated') === 'yes', maxCpus: Number.isInteger(most) && most > 0 ? most : null };
      }).toSorted(newestFirst));
    }
  }
  const models = root.elements('host', 'secmodel', 'model').map((model) => model.text);
  return { machines, securityModels: models.filter((model) => model !== 'none' && model !== '') };
}
