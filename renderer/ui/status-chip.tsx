// A guest's state and a connection's phase, in a word and a colour.
import type { ReactNode } from 'react';
import type { ConnectionState } from '../../app/contract/connections.ts';
import { type GuestState, guestStates } from '../../app/domain/guest.ts';
import { Chip, Dot, type ToneName } from './tag.tsx';

export const guestTones: Readonly<Record<GuestState, ToneName>> = {
  nostate: 'quiet', running: 'good', blocked: 'good', paused: 'warn', shutdown: 'warn', shutoff: 'quiet', crashed: 'bad', pmsuspended: 'accent',
};

export const phases: Readonly<Record<ConnectionState['phase'], { readonly label: string; readonly tone: ToneName }>> = {
  off: { label: 'Not connected', tone: 'quiet' },
  connecting: { label: 'Connecting', tone: 'warn' },
  ready: { label: 'Connected', tone: 'good' },
  lost: { label: 'Lost, trying again', tone: 'warn' },
  failed: { label: 'Connection failed', tone: 'bad' },
};

export const StatusChip = ({ state }: { readonly state: GuestState }): ReactNode => <Chip tone={guestTones[state]}>{guestStates[state].label}</Chip>;

export const GuestDot = ({ state }: { readonly state: GuestState }): ReactNode => <Dot tone={guestTones[state]} label={guestStates[state].label} />;

export const PhaseDot = ({ phase }: { readonly phase: ConnectionState['phase'] }): ReactNode => <Dot tone={phases[phase].tone} label={phases[phase].label} />;
