// What the system inside the guest has of its vCPUs, asked of its agent when somebody wants to know; and a way to have it take one offline or online.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import { type ReactNode, useState } from 'react';
import type { Gives } from '../../app/contract/contract.ts';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { guestKind } from '../../app/tuning/guest-kind.ts';
import { refusalOf, useApi } from '../api/api.tsx';
import type { Tuning } from './tuning.ts';
import { UnplugNotes } from './unplug-notes.tsx';

type Inside = Gives<'guests', 'insideVcpus'>;

const read = (text: string): CpuSet => (text === '' ? CpuSet.none : CpuSet.parse(text));
const name = (set: CpuSet): string => `vCPU ${set.toString()}`;

/** In words: what is online, and what is not. */
const words = ({ known, online }: Inside): string => {
  const off = read(known).without(read(online));
  return `Inside the guest ${name(read(online))} ${read(online).size === 1 ? 'is' : 'are'} online${off.size === 0 ? '' : `, ${name(off)} offline`}.`;
};

/** vCPUs beyond which switches for each are no help. */
const mostSwitches = 64;

const Switches = ({ inside, busy, onSwitch }: { readonly inside: Inside; readonly busy: boolean; readonly onSwitch: (vcpu: number, online: boolean) => void }): ReactNode => {
  const [online, offlinable] = [read(inside.online), read(inside.offlinable)];
  return (
    <Box role="group" aria-label="vCPUs inside the guest" sx={{ display: 'flex', flexWrap: 'wrap', gap: '4px' }}>
      {[...read(inside.known)].map((vcpu) => {
        const is = online.has(vcpu);
        const can = !is || offlinable.has(vcpu);
        const what = `vCPU ${vcpu}, ${is ? 'online' : 'offline'} inside the guest`;
        return (
          <ToggleButton key={vcpu} value={vcpu} size="small" selected={is} disabled={busy || !can} aria-label={what} title={can ? `${what}: take it ${is ? 'offline' : 'online'} at once` : `${what}: the guest cannot take it offline`} onClick={() => onSwitch(vcpu, !is)} sx={{ minWidth: 32 }}>
            {vcpu}
          </ToggleButton>
        );
      })}
    </Box>
  );
};

export const InsideVcpus = ({ tuning }: { readonly tuning: Tuning }): ReactNode => {
  const { client } = useApi();
  const [inside, setInside] = useState<Inside | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const { live } = tuning.xml;
  if (live === null || ['lxc', 'xen'].includes(guestKind(live))) return null;
  const { host, uuid } = tuning.guest;
  const get = async (answer: () => Promise<Inside>): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      setInside(await answer());
    } catch (error) {
      const { message, remedy } = refusalOf(error);
      setProblem([message, remedy ?? ''].map((text) => text.trim().replace(/[^.]$/, '$&.')).join(' ').trim());
    }
    setBusy(false);
  };
  const few = inside !== null && read(inside.known).size <= mostSwitches;
  return (
    <>
      <UnplugNotes tuning={tuning} of="vcpus" />
      <Box sx={{ display: 'grid', gap: '8px', mb: '10px' }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '10px' }}>
          <Button loading={busy} disabled={tuning.fixed !== null} onClick={() => void get(async () => await client.ask('guests', 'insideVcpus', { host, uuid }))} title={tuning.fixed ?? "The guest's agent is asked which vCPUs its system uses"}>Ask the guest for its vCPUs</Button>
          <Box role="status" sx={{ color: 'text.secondary' }}>{inside === null ? '' : words(inside)}</Box>
        </Box>
        {problem !== null && <Alert severity="warning">The guest did not tell: {problem} Without an agent that answers, only the guest itself knows, and can change it.</Alert>}
        {few && <Switches inside={inside} busy={busy} onSwitch={(vcpu, online) => void get(async () => await client.ask('guests', 'setInsideVcpu', { host, uuid, vcpu, online }))} />}
        {few && <Box sx={{ fontSize: 12, color: 'text.secondary' }}>These act at once, inside the guest alone; a start of the guest undoes them. A vCPU that is offline inside can be unplugged.</Box>}
      </Box>
    </>
  );
};
