// Guests as the contract has them: the list, one guest, small marks, and what can be done to one.
import { randomUUID } from 'node:crypto';
import type { GuestSummary } from '../../app/contract/guests.ts';
import type { Entry } from '../../app/contract/history.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { actionCommand, allowsAction, type GuestAction, guestActions, guestStates, isActive } from '../../app/domain/guest.ts';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { badges } from '../../app/tuning/badges.ts';
import { unknownFacts } from '../../app/tuning/knob.ts';
import { readSettings } from '../../app/tuning/knobs.ts';
import { pendingUnits } from '../../app/tuning/pending.ts';
import { shellWord, virshGuest } from '../../app/domain/virsh.ts';
import { printBytes } from '../../app/domain/bytes.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { type Domain, paramsToRecord } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';
import { addressesOf } from './addresses.ts';
import { type Context, domOf, guestOf } from './context.ts';
import { diskStorage, resizeDisk } from './disk-storage.ts';
import type { HostSession } from './host-session.ts';
import type { Services } from './services.ts';

/** Each action's call. */
const does: { readonly [A in GuestAction]: (session: HostSession, dom: Domain) => Promise<unknown> } = {
  start: async (session, dom) => await session.reached.connection.call(remote.domainCreateWithFlags, { dom, flags: 0 }, { slow: true, limit: null }),
  shutdown: async (session, dom) => await session.reached.connection.call(remote.domainShutdownFlags, { dom, flags: 0 }),
  reboot: async (session, dom) => await session.reached.connection.call(remote.domainReboot, { dom, flags: 0 }),
  suspend: async (session, dom) => await session.reached.connection.call(remote.domainSuspend, { dom }),
  resume: async (session, dom) => await session.reached.connection.call(remote.domainResume, { dom }),
  // Writes the guest's memory: on the connection for slow calls, for as long as it takes.
  managedSave: async (session, dom) => await (await session.slow()).call(remote.domainManagedSave, { dom, flags: 0 }, { slow: true, limit: null }),
  managedSaveRemove: async (session, dom) => await session.reached.connection.call(remote.domainManagedSaveRemove, { dom, flags: 0 }),
  reset: async (session, dom) => await session.reached.connection.call(remote.domainReset, { dom, flags: 0 }),
  destroy: async (session, dom) => await session.reached.connection.call(remote.domainDestroyFlags, { dom, flags: 0 }),
};

export const guestServices = (context: Context): Services['guests'] => ({
  list: async ({ host }) => [...(await context.session(host)).guests.list()],

  describe: async ({ host, uuid }) => {
    const session = await context.session(host);
    await session.reached.inventory.look(uuid);
    const guest = guestOf(session, uuid);
    const { live, saved } = await session.reached.facts.definitions(domOf(guest));
    const xml = DomainXml.parse(live ?? saved ?? '<domain/>');
    return {
      ...guest,
      title: xml.textOf('title'),
      description: xml.textOf('description'),
      osType: xml.textOf('os', 'type') ?? '',
      machine: xml.element('os', 'type')?.attribute('machine') ?? null,
      liveXml: live,
      savedXml: saved,
    };
  },

  badges: async ({ host, uuids }) => {
    const session = await context.session(host);
    const { inventory, facts } = session.reached;
    // Without the host's own defaults, what libvirt spells out of them would seem to wait for a restart.
    const running = uuids.flatMap((uuid) => inventory.find(uuid) ?? []).filter(({ state }) => isActive(state)).slice(0, 5).map(domOf);
    const common = await facts.common(running);
    const found = await Promise.all(
      uuids.map(async (uuid) => {
        const guest = inventory.find(uuid);
        const texts = guest === null ? null : await facts.keptDefinitions(domOf(guest));
        if (guest === null || texts === null) return [];
        const [live, saved] = [texts.live, texts.saved].map((text) => (text === null ? null : DomainXml.parse(text)));
        const known = { ...unknownFacts(guest.name), guest: { name: guest.name, running: live != null, persistent: saved != null }, ...common };
        const pending = pendingUnits(live == null ? null : readSettings(live, known), saved == null ? null : readSettings(saved, known));
        const shown = live ?? saved;
        return [{ uuid, badges: shown == null ? [] : [...badges(shown)], pending: pending.length }];
      }),
    );
    return found.flat();
  },

  addresses: async ({ host, uuid }) => {
    const session = await context.session(host);
    return await addressesOf(session, domOf(guestOf(session, uuid)));
  },

  disks: async ({ host, uuid }) => {
    const session = await context.session(host);
    return await diskStorage(session, domOf(guestOf(session, uuid)));
  },

  growDisk: async ({ host, uuid, target, capacity }) => {
    const session = await context.session(host);
    const guest = guestOf(session, uuid);
    const disk = (await diskStorage(session, domOf(guest))).find((one) => one.target === target);
    if (disk === undefined) throw new Refused('bad-input', `${guest.name} has no disk ${target}.`, { field: 'target' });
    if (disk.capacity !== null && capacity <= disk.capacity) {
      throw new Refused('bad-input', `${target} has ${printBytes(disk.capacity)} already; it can only be made larger, since what lies beyond a smaller end is lost.`, { field: 'capacity' });
    }
    const step = { title: `Grow disk ${target} to ${printBytes(capacity)}`, virsh: `virsh blockresize ${virshGuest(guest.name)} ${shellWord(target)} ${capacity}B`, scope: 'live' as const };
    await recorded(context, session, guest, step, async () => await resizeDisk(session, domOf(guest), target, capacity));
    return null;
  },

  insideVcpus: async ({ host, uuid }) => {
    const session = await context.session(host);
    return await insideVcpus(session, domOf(guestOf(session, uuid)));
  },

  setInsideVcpu: async ({ host, uuid, vcpu, online }) => {
    const session = await context.session(host);
    const guest = guestOf(session, uuid);
    const step = {
      title: `vCPU ${vcpu} ${online ? 'online' : 'offline'} inside the guest`,
      virsh: `virsh guestvcpus ${virshGuest(guest.name)} --cpulist ${vcpu} ${online ? '--enable' : '--disable'}`,
      scope: 'live' as const,
    };
    await recorded(context, session, guest, step, async () => await session.reached.connection.call(remote.domainSetGuestVcpus, { dom: domOf(guest), cpumap: `${vcpu}`, state: online ? 1 : 0, flags: 0 }, { slow: true }));
    return await insideVcpus(session, domOf(guest));
  },

  act: async ({ host, uuid, action, confirm }) => {
    const session = await context.session(host);
    const guest = guestOf(session, uuid);
    const { label, destructive } = guestActions[action];
    if (destructive && confirm !== guest.name) {
      throw new Refused('confirmation', `${label} loses what ${guest.name} holds in memory.`, { field: 'confirm', remedy: `Repeat the guest's name to go on: ${guest.name}.` });
    }
    if (!allowsAction(guest, action)) throw new Refused('bad-input', `${label} is not possible while ${guest.name} is ${guestStates[guest.state].label.toLowerCase()}.`, { field: 'action' });
    await recorded(context, session, guest, { title: label, virsh: actionCommand(action, guest.name), scope: 'live' }, async () => await does[action](session, domOf(guest)));
    return null;
  },

  setAutostart: async ({ host, uuid, autostart }) => {
    const session = await context.session(host);
    const guest = guestOf(session, uuid);
    const step = {
      title: autostart ? 'Start with the host' : 'No start with the host',
      virsh: `virsh autostart ${autostart ? '' : '--disable '}${virshGuest(guest.name)}`,
      scope: 'saved' as const,
    };
    await recorded(context, session, guest, step, async () => await session.reached.connection.call(remote.domainSetAutostart, { dom: domOf(guest), autostart: autostart ? 1 : 0 }));
    return null;
  },
});

/** vCPUs as the agent inside a guest tells them. */
const insideVcpus = async (session: HostSession, dom: Domain): Promise<{ known: string; online: string; offlinable: string }> => {
  const { params } = await session.reached.connection.call(remote.domainGetGuestVcpus, { dom, flags: 0 }, { slow: true });
  const told = paramsToRecord(params);
  const set = (field: string): string => told[field] === undefined || told[field] === '' ? '' : CpuSet.parse(String(told[field])).toString();
  return { known: set('vcpus'), online: set('online'), offlinable: set('offlinable') };
};

/** Does it with a line in the history before and after; then the list shows what came of it. `guest` null = it is about the host. */
export const recorded = async (context: Context, session: HostSession, guest: GuestSummary | null, step: Omit<Entry['steps'][number], 'outcome'>, work: () => Promise<unknown>): Promise<void> => {
  const entry = {
    id: randomUUID(),
    at: Date.now(),
    user: context.user,
    host: { id: session.id, name: context.hostName(session.id) },
    guest: guest === null ? null : { uuid: guest.uuid, name: guest.name },
    kind: 'action',
    title: step.title,
    savedBefore: null,
    savedAfter: null,
    undoes: null,
  } as const;
  await context.history.append({ ...entry, changes: [], outcome: 'partial', steps: [{ ...step, outcome: 'not-reached' }] });
  try {
    await work();
  } catch (error) {
    const refusal = error instanceof Refused ? error.refusal : ({ code: 'bug', message: 'Guestdeck itself failed at this.' } as const);
    await context.history.append({ ...entry, changes: [], outcome: 'partial', steps: [{ ...step, outcome: 'failed', refusal }] }).catch(context.complain);
    context.tell('history', 'changed', { id: entry.id });
    throw error;
  }
  // Done is done: what follows may fail without making it undone. A list that lags is put right by events or the next connect.
  await context.history.append({ ...entry, changes: [], outcome: 'complete', steps: [{ ...step, outcome: 'done' }] }).catch(context.complain);
  context.tell('history', 'changed', { id: entry.id });
  if (guest !== null) await refreshed(session, guest.uuid);
};

/** Has the list show what was done; a list that lags is put right by events or the next connect. */
export const refreshed = async (session: HostSession, uuid: string): Promise<void> => {
  try {
    await session.reached.inventory.refresh([uuid]);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
};
