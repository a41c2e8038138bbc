// Starting, stopping, pausing and saving guests, and what keeps them when the host restarts.
import { destroyFlag, domainState, lifecycleDetail, lifecycleEvent, rebootFlag, saveFlag, shutdownFlag, startFlag, undefineFlag } from '../libvirt/constants.ts';
import type { Clock } from './clock.ts';
import type { Events } from './events.ts';
import { badArgument, bits, checkFlags, Fault, refusedByDriver } from './fault.ts';
import type { Guest } from './guest.ts';
import { editBoth, impactOf } from './impact.ts';
import type { Inventory } from './inventory.ts';
import type { Handlers } from './serve.ts';

/** By virDomainLifecycle and virDomainLifecycleAction. */
const lifecycleNames = ['on_poweroff', 'on_reboot', 'on_crash'] as const;
const actionNames = ['destroy', 'restart', 'rename-restart', 'preserve', 'coredump-destroy', 'coredump-restart'] as const;

/** Milliseconds a demo guest takes to shut down or to reboot. */
export const reaction = 1500;

export const hasAgent = (guest: Guest): boolean =>
  guest.current.root.at('devices')?.all('channel').some((channel) => channel.at('target')?.get('name') === 'org.qemu.guest_agent.0') === true;

/** Refuses the agent's way where no agent is configured. */
const checkWay = (guest: Guest, flags: number): void => {
  if ((flags & shutdownFlag.guestAgent) !== 0 && (flags & shutdownFlag.acpiPowerBtn) === 0 && !hasAgent(guest)) {
    throw new Fault('argumentUnsupported', 'qemu', 'argument unsupported: QEMU guest agent is not configured');
  }
};

export const lifecycleHandlers = (inventory: Inventory, events: Events, clock: Clock): Handlers => {
  const shutdown = (guest: Guest, flags: number): void => {
    checkFlags(flags, shutdownFlag.acpiPowerBtn | shutdownFlag.guestAgent);
    if (!guest.isActive) throw refusedByDriver('domain is not running');
    checkWay(guest, flags);
    inventory.request(guest, reaction, () => {
      guest.become(domainState.shutdown, 0, clock.now());
      events.lifecycle(guest.object, lifecycleEvent.shutdown, lifecycleDetail.shutdown.guest);
      inventory.stop(guest, 'shutdown');
    });
  };
  const destroy = (guest: Guest, flags: number): void => {
    checkFlags(flags, bits(destroyFlag));
    guest.mustRun();
    events.lifecycle(guest.object, lifecycleEvent.shutdown, lifecycleDetail.shutdown.host);
    inventory.stop(guest, 'destroyed');
  };
  const start = (guest: Guest, flags: number): void => {
    checkFlags(flags, bits(startFlag));
    inventory.start(guest, { paused: (flags & startFlag.paused) !== 0, forceBoot: (flags & startFlag.forceBoot) !== 0 });
  };
  const undefine = (guest: Guest, flags: number): void => {
    checkFlags(flags, bits(undefineFlag));
    if (guest.saved === null) throw refusedByDriver('cannot undefine transient domain');
    if (guest.managedSave !== null && (flags & undefineFlag.managedSave) === 0) throw refusedByDriver('Refusing to undefine while domain managed save image exists');
    const nvram = guest.saved.root.at('os', 'nvram') !== undefined;
    if (nvram && (flags & (undefineFlag.nvram | undefineFlag.keepNvram)) === 0) throw refusedByDriver('cannot undefine domain with nvram');
    inventory.undefine(guest);
  };
  const save = (guest: Guest, flags: number): void => {
    checkFlags(flags, bits(saveFlag) & ~saveFlag.resetNvram);
    guest.mustRun();
    if (guest.saved === null) throw refusedByDriver('cannot do managed save for transient domain');
    const wasRunning = guest.state === domainState.running;
    guest.managedSave = (flags & saveFlag.paused) !== 0 || (!wasRunning && (flags & saveFlag.running) === 0) ? 'paused' : 'running';
    inventory.suspend(guest);
    inventory.stop(guest, 'saved');
  };

  return {
    domainCreate: ({ dom }) => start(inventory.find(dom), 0),
    domainCreateWithFlags: ({ dom, flags }) => {
      const guest = inventory.find(dom);
      start(guest, flags);
      return { dom: guest.object };
    },
    domainCreateXml: ({ xml_desc: xml, flags }) => {
      checkFlags(flags, bits(startFlag));
      return { dom: inventory.create(xml, (flags & startFlag.paused) !== 0).object };
    },
    domainShutdown: ({ dom }) => shutdown(inventory.find(dom), 0),
    domainShutdownFlags: ({ dom, flags }) => shutdown(inventory.find(dom), flags),
    domainReboot: ({ dom, flags }) => {
      const guest = inventory.find(dom);
      checkFlags(flags, rebootFlag.acpiPowerBtn | rebootFlag.guestAgent);
      guest.mustRun();
      checkWay(guest, flags);
      inventory.request(guest, reaction, () => {
        events.lifecycle(guest.object, lifecycleEvent.shutdown, lifecycleDetail.shutdown.guest);
        events.reboot(guest.object);
        inventory.resume(guest);
      });
    },
    domainReset: ({ dom, flags }) => {
      const guest = inventory.find(dom);
      checkFlags(flags, 0);
      guest.mustRun();
      events.reboot(guest.object);
    },
    domainDestroy: ({ dom }) => destroy(inventory.find(dom), 0),
    domainDestroyFlags: ({ dom, flags }) => destroy(inventory.find(dom), flags),
    domainSuspend: ({ dom }) => {
      const guest = inventory.find(dom);
      guest.mustRun();
      inventory.suspend(guest);
    },
    domainResume: ({ dom }) => {
      const guest = inventory.find(dom);
      guest.mustRun();
      if (guest.state === domainState.running) throw refusedByDriver('domain is already running');
      inventory.resume(guest);
    },
    domainUndefine: ({ dom }) => undefine(inventory.find(dom), 0),
    domainUndefineFlags: ({ dom, flags }) => undefine(inventory.find(dom), flags),
    domainRename: ({ dom, new_name: name, flags }) => {
      checkFlags(flags, 0);
      const guest = inventory.find(dom);
      if (guest.isActive) throw refusedByDriver('cannot rename active domain');
      if (guest.managedSave !== null) throw refusedByDriver('cannot rename domain with a managed save image');
      if (name === null || name === guest.name) throw refusedByDriver("Can't rename domain to itself");
      if (inventory.all.some((other) => other.name === name)) throw refusedByDriver(`domain '${name}' already exists`);
      events.lifecycle(guest.object, lifecycleEvent.undefined, lifecycleDetail.undefined.renamed);
      guest.saved?.edit((root) => (root.ensure('name').text = name));
      guest.name = name;
      events.lifecycle(guest.object, lifecycleEvent.defined, lifecycleDetail.defined.renamed);
      return { retcode: 0 };
    },
    domainManagedSave: ({ dom, flags }) => save(inventory.find(dom), flags),
    domainHasManagedSaveImage: ({ dom, flags }) => {
      checkFlags(flags, 0);
      return { result: inventory.find(dom).managedSave === null ? 0 : 1 };
    },
    domainManagedSaveRemove: ({ dom, flags }) => {
      checkFlags(flags, 0);
      const guest = inventory.find(dom);
      if (guest.managedSave === null) throw new Fault('systemError', 'qemu', `Failed to remove managed save file '/var/lib/libvirt/qemu/save/${guest.name}.save': No such file or directory`);
      guest.managedSave = null;
    },
    domainSetLifecycleAction: ({ dom, type, action, flags }) => {
      const event = lifecycleNames[type];
      const word = actionNames[action];
      if (event === undefined || word === undefined) throw badArgument('invalid argument: lifecycle action');
      if (event !== 'on_crash' && word.startsWith('coredump')) throw new Fault('argumentUnsupported', 'qemu', `argument unsupported: Lifecycle action '${word}' is not supported by '${event}' event`);
      if (word === 'rename-restart' || (event !== 'on_crash' && word === 'preserve')) throw new Fault('configUnsupported', 'qemu', `unsupported configuration: qemu driver doesn't support the '${word}' action for 'on_reboot'/'on_poweroff'`);
      const impact = impactOf(inventory.find(dom), flags);
      for (const root of [impact.live?.root, impact.saved?.root]) {
        const after = (name: string): string | undefined => (name === event ? word : root?.at(name)?.text);
        if (after('on_poweroff') === 'restart' && after('on_reboot') === 'destroy') throw new Fault('configUnsupported', 'qemu', "unsupported configuration: qemu driver doesn't support 'onReboot' set to 'destroy' and 'onPoweroff' set to 'reboot'");
      }
      editBoth(impact, (root) => (root.ensure(event).text = word));
    },
    domainGetAutostart: ({ dom }) => ({ autostart: inventory.find(dom).autostart ? 1 : 0 }),
    domainSetAutostart: ({ dom, autostart }) => {
      const guest = inventory.find(dom);
      if (guest.saved === null) throw refusedByDriver('cannot set autostart for transient domain');
      guest.autostart = autostart !== 0;
    },
  };
};
