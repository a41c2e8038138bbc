import { describe, expect, it } from 'vitest';
import { actionCommand, allowsAction, guestActions, guestReason, guestState, guestStates, isActive, whyNotAllowed, type GuestAction, type GuestState } from './guest.ts';

const actions = Object.keys(guestActions) as GuestAction[];
const states = Object.keys(guestStates) as GuestState[];

describe("a guest's state", () => {
  it("has libvirt's number", () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map(guestState)).toEqual(['nostate', 'running', 'blocked', 'paused', 'shutdown', 'shutoff', 'crashed', 'pmsuspended', 'nostate']);
  });

  it("has a reason with libvirt's number, and survives a newer one", () => {
    expect([guestReason('paused', 5), guestReason('shutoff', 2), guestReason('running', 11), guestReason('crashed', 1), guestReason('running', 99)])
      .toEqual(['ioError', 'destroyed', 'postcopyFailed', 'panicked', 'unknown']);
  });

  it('is active unless there is no process', () => expect(states.filter((state) => !isActive(state))).toEqual(['nostate', 'shutoff']));
});

describe('what can be done to a guest', () => {
  const allowed = (state: GuestState, more: { readonly persistent?: boolean; readonly managedSave?: boolean } = {}): readonly GuestAction[] =>
    actions.filter((action) => allowsAction({ state, persistent: true, managedSave: false, ...more }, action));

  it('follows from its state', () => {
    expect(Object.fromEntries(states.map((state) => [state, allowed(state)]))).toEqual({
      nostate: [],
      running: ['shutdown', 'reboot', 'suspend', 'managedSave', 'reset', 'destroy'],
      blocked: ['shutdown', 'reboot', 'suspend', 'managedSave', 'reset', 'destroy'],
      paused: ['resume', 'managedSave', 'reset', 'destroy'],
      shutdown: ['destroy'],
      shutoff: ['start'],
      crashed: ['reset', 'destroy'],
      pmsuspended: ['destroy'],
    });
  });

  it('leaves out saving what would not survive it, and discarding what is not there', () => {
    expect([allowed('paused', { persistent: false }), allowed('shutoff', { managedSave: true })]).toEqual([['resume', 'reset', 'destroy'], ['start', 'managedSaveRemove']]);
  });

  it('says why where it cannot', () => {
    const why = (state: GuestState, action: GuestAction, persistent = true): string | null => whyNotAllowed({ state, persistent, managedSave: false }, action);
    expect([why('shutoff', 'start'), why('running', 'start'), why('shutoff', 'managedSaveRemove'), why('running', 'managedSave', false)]).toEqual([null, 'is running', 'has no saved state', 'has no saved definition']);
  });

  it('asks for the name where memory is lost', () => {
    expect(actions.filter((action) => guestActions[action].destructive)).toEqual(['managedSaveRemove', 'reset', 'destroy']);
  });

  it('can be done by hand, with any name', () => {
    expect([actionCommand('managedSave', 'db-primary'), actionCommand('destroy', "it's mine"), actionCommand('start', '-x'), actionCommand('start', '$(reboot)')])
      .toEqual(['virsh managedsave db-primary', String.raw`virsh destroy 'it'\''s mine'`, 'virsh start --domain=-x', "virsh start '$(reboot)'"]);
  });
});
