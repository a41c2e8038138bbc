// What a guest can be and what can be done to it: libvirt's states, reasons and the actions each state allows.
import { virshGuest } from './virsh.ts';

interface StateEntry {
  /** libvirt's number (https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainState). */
  readonly number: number;
  readonly label: string;
  /** In libvirt's order (virDomainRunningReason and its siblings), so that the index is the number. */
  readonly reasons: readonly string[];
}

/** Every state a guest can be in. */
export const guestStates = {
  nostate: { number: 0, label: 'Unknown', reasons: ['unknown'] },
  running: {
    number: 1,
    label: 'Running',
    reasons: [
      'unknown', 'booted', 'migrated', 'restored', 'fromSnapshot', 'unpaused', 'migrationCanceled', 'saveCanceled', 'wakeup', 'crashed',
      'postcopy', 'postcopyFailed',
    ],
  },
  blocked: { number: 2, label: 'Blocked', reasons: ['unknown'] },
  paused: {
    number: 3,
    label: 'Paused',
    reasons: [
      'unknown', 'user', 'migration', 'save', 'dump', 'ioError', 'watchdog', 'fromSnapshot', 'shuttingDown', 'snapshot', 'crashed',
      'startingUp', 'postcopy', 'postcopyFailed', 'apiError',
    ],
  },
  shutdown: { number: 4, label: 'Shutting down', reasons: ['unknown', 'user'] },
  shutoff: {
    number: 5,
    label: 'Shut off',
    reasons: ['unknown', 'shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'fromSnapshot', 'daemon'],
  },
  crashed: { number: 6, label: 'Crashed', reasons: ['unknown', 'panicked'] },
  pmsuspended: { number: 7, label: 'Sleeping', reasons: ['unknown'] },
} as const satisfies Readonly<Record<string, StateEntry>>;
export type GuestState = keyof typeof guestStates;
export type GuestReason = (typeof guestStates)[GuestState]['reasons'][number];

const stateNames = Object.keys(guestStates) as readonly GuestState[];

/** The state of this number; numbers newer than this table are `nostate`. */
export const guestState = (number: number): GuestState => stateNames.find((name) => guestStates[name].number === number) ?? 'nostate';

/** The reason of this number in this state; numbers newer than this table are `unknown`. */
export const guestReason = (state: GuestState, number: number): GuestReason => guestStates[state].reasons[number] ?? 'unknown';

/** Whether the guest has a hypervisor process, so that live settings exist. */
export const isActive = (state: GuestState): boolean => state !== 'shutoff' && state !== 'nostate';

/** What an action needs to know of a guest. */
export interface GuestStanding {
  readonly state: GuestState;
  readonly persistent: boolean;
  /** Whether a managed save image waits for the next start. */
  readonly managedSave: boolean;
}

interface ActionEntry {
  readonly label: string;
  /** One sentence: what it does to the guest. */
  readonly effect: string;
  /** The states it is offered in. */
  readonly states: readonly GuestState[];
  /** What must hold beside the state. */
  readonly needs?: 'persistent' | 'managedSave';
  /** Loses what the guest holds in memory, so the guest's name has to be typed first. */
  readonly destructive: boolean;
  /** virsh's name of it. */
  readonly virsh: string;
}

/** Everything that can be done to a guest as a whole, in menu order. */
export const guestActions = {
  start: { label: 'Start', effect: 'Boots the guest, or resumes it from its managed save.', states: ['shutoff'], destructive: false, virsh: 'start' },
  shutdown: { label: 'Shut down', effect: 'Asks the guest to shut down; it may take its time or refuse.', states: ['running', 'blocked'], destructive: false, virsh: 'shutdown' },
  reboot: { label: 'Reboot', effect: 'Asks the guest to reboot; it may take its time or refuse.', states: ['running', 'blocked'], destructive: false, virsh: 'reboot' },
  suspend: { label: 'Pause', effect: 'Stops the vCPUs at once; memory stays in use.', states: ['running', 'blocked'], destructive: false, virsh: 'suspend' },
  resume: { label: 'Resume', effect: 'Lets the vCPUs run on.', states: ['paused'], destructive: false, virsh: 'resume' },
  managedSave: {
    label: 'Save and stop', effect: 'Writes the memory to disk and stops the guest; the next start goes on from there.',
    states: ['running', 'blocked', 'paused'], needs: 'persistent', destructive: false, virsh: 'managedsave',
  },
  managedSaveRemove: {
    label: 'Discard saved state', effect: 'Deletes the saved memory; the next start boots afresh.',
    states: ['shutoff'], needs: 'managedSave', destructive: true, virsh: 'managedsave-remove',
  },
  reset: {
    label: 'Reset', effect: 'Like the reset button: restarts without telling the guest. Unwritten data is lost.',
    states: ['running', 'blocked', 'paused', 'crashed'], destructive: true, virsh: 'reset',
  },
  destroy: {
    label: 'Force off', effect: 'Like pulling the plug: stops without telling the guest. Unwritten data is lost.',
    states: ['running', 'blocked', 'paused', 'shutdown', 'crashed', 'pmsuspended'], destructive: true, virsh: 'destroy',
  },
} as const satisfies Readonly<Record<string, ActionEntry>>;
export type GuestAction = keyof typeof guestActions;

/** The names of all actions, in menu order. */
export const guestActionNames = Object.keys(guestActions) as [GuestAction, ...GuestAction[]];

/** Whether libvirt can be expected to do this to such a guest. */
export function allowsAction(guest: GuestStanding, action: GuestAction): boolean {
  const { states, needs }: ActionEntry = guestActions[action];
  return states.includes(guest.state) && (needs === undefined || guest[needs]);
}

/** Why libvirt cannot be expected to do this to such a guest now, to be said after its name: `is shut off`; null = it can. */
export function whyNotAllowed(guest: GuestStanding, action: GuestAction): string | null {
  if (allowsAction(guest, action)) return null;
  const { states, needs }: ActionEntry = guestActions[action];
  if (states.includes(guest.state)) return needs === 'persistent' ? 'has no saved definition' : 'has no saved state';
  return `is ${guestStates[guest.state].label.toLowerCase()}`;
}

/** The same action by hand: `virsh shutdown db-primary`. */
export const actionCommand = (action: GuestAction, guestName: string): string => `virsh ${guestActions[action].virsh} ${virshGuest(guestName)}`;
