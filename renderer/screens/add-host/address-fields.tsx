// Where a host is and how it is reached: the parts of its URI as fields.
import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import type { ReactNode } from 'react';
import { type FormTransport, formTransports, type UriForm, usualPort } from './uri-form.ts';

const transports: Readonly<Record<FormTransport, { readonly label: string; readonly hint: string; readonly user: string; readonly nobody: string }>> = {
  ssh: { label: 'SSH', hint: 'Logs in as you do with ssh: agent, key files or password. Nothing is installed on the host.', user: 'User', nobody: 'as ssh chooses' },
  tls: { label: 'TLS', hint: 'Needs client certificates that the host trusts.', user: 'libvirt user', nobody: 'asked for' },
  tcp: { label: 'TCP', hint: 'Encrypted only where the daemon asks for a login that encrypts. Only for networks that are trusted entirely.', user: 'libvirt user', nobody: 'asked for' },
  unix: { label: 'This computer', hint: 'The libvirt socket of this computer. The user needs the right to open it.', user: '', nobody: '' },
  ext: { label: 'Program', hint: 'A program of your own carries the bytes to the daemon; it is named under More.', user: 'libvirt user', nobody: 'asked for' },
};

/** Hypervisors of libvirt's URIs; `remote` lets the daemon choose. */
const drivers: Readonly<Record<string, string>> = {
  qemu: 'QEMU/KVM', xen: 'Xen', lxc: 'LXC', ch: 'Cloud Hypervisor', bhyve: 'bhyve', vz: 'Virtuozzo', vbox: 'VirtualBox', test: 'Test driver', remote: 'The daemon chooses',
};

export const AddressFields = ({ form, busy, onChange, onLeave }: {
  readonly form: UriForm;
  readonly busy: boolean;
  readonly onChange: (part: Partial<UriForm>) => void;
  /** A field that must be filled in was left. */
  readonly onLeave: () => void;
}): ReactNode => {
  const { hint, user, nobody } = transports[form.transport];
  const leaves = form.transport !== 'unix';
  return (
    <>
      <Box>
        <ToggleButtonGroup exclusive value={form.transport} aria-label="Transport" disabled={busy} onChange={(_, transport: FormTransport | null) => {
          if (transport !== null) onChange({ transport });
        }}>
          {formTransports.map((value) => <ToggleButton key={value} value={value}>{transports[value].label}</ToggleButton>)}
        </ToggleButtonGroup>
        <Box sx={{ color: 'text.secondary', fontSize: 12, mt: 0.5 }}>{hint}</Box>
      </Box>
      {leaves && (
        <Box sx={{ display: 'grid', gridTemplateColumns: '2fr 1fr 84px', gap: 2 }}>
          <TextField autoFocus label="Host name or address" value={form.host} disabled={busy} onChange={(event) => onChange({ host: event.target.value })} onBlur={onLeave} />
          <TextField label={user} value={form.user} disabled={busy} placeholder={nobody} onChange={(event) => onChange({ user: event.target.value })} />
          <TextField label="Port" value={form.port} disabled={busy} placeholder={usualPort(form.transport)} slotProps={{ htmlInput: { inputMode: 'numeric' }, inputLabel: { shrink: true } }} onChange={(event) => onChange({ port: event.target.value.replaceAll(/\D/g, '') })} />
        </Box>
      )}
      <Box sx={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 2 }}>
        <TextField select label="Hypervisor" value={form.driver} disabled={busy} onChange={(event) => onChange({ driver: event.target.value })}>
          {Object.entries({ [form.driver]: form.driver, ...drivers }).map(([value, label]) => <MenuItem key={value} value={value}>{label}</MenuItem>)}
        </TextField>
        <TextField label="Path" value={form.path} disabled={busy} placeholder="/system or /session" onChange={(event) => onChange({ path: event.target.value })} />
      </Box>
    </>
  );
};
