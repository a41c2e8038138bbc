// What can be done to a saved host, wherever it is listed.
import IconButton from '@mui/material/IconButton';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { mdiDotsVertical } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import type { Connection, ConnectionState } from '../../../app/contract/connections.ts';
import { useTell } from '../../api/api.tsx';
import { Icon } from '../../ui/icon.tsx';
import { HostDialog } from '../add-host/add-host.tsx';
import { go } from '../place.ts';
import { RemoveHost } from './remove-host.tsx';

/** Puts a host elsewhere in the list; null = there is no such place. */
export interface Moves {
  readonly up: (() => void) | null;
  readonly down: (() => void) | null;
}

/** What the first line of the menu does, by the phase the connection is in. */
const switches: Readonly<Record<ConnectionState['phase'], { readonly label: string; readonly does: 'connect' | 'disconnect' }>> = {
  off: { label: 'Connect', does: 'connect' },
  failed: { label: 'Try again', does: 'connect' },
  connecting: { label: 'Stop connecting', does: 'disconnect' },
  ready: { label: 'Disconnect', does: 'disconnect' },
  lost: { label: 'Stop trying', does: 'disconnect' },
};

export const HostMenu = ({ connection, moves }: { readonly connection: Connection; readonly moves?: Moves }): ReactNode => {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [dialog, setDialog] = useState<'edit' | 'remove' | null>(null);
  // How connecting fares is the host's own state, shown wherever the host is.
  const tell = { connect: useTell('connections', 'connect'), disconnect: useTell('connections', 'disconnect') };
  const { id, name, state: { phase } } = connection;
  const { label, does } = switches[phase];
  const then = (act: () => void) => (): void => {
    setAnchor(null);
    act();
  };
  return (
    <>
      <IconButton aria-label={`Actions for ${name}`} aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)} sx={{ p: '3px', flex: 'none' }}>
        <Icon path={mdiDotsVertical} size={16} />
      </IconButton>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} slotProps={{ list: { 'aria-label': `Actions for ${name}` } }}>
        <MenuItem onClick={then(() => tell[does].mutate({ id }))}>{label}</MenuItem>
        {phase === 'lost' && <MenuItem onClick={then(() => tell.connect.mutate({ id }))}>Try now</MenuItem>}
        <MenuItem onClick={then(() => setDialog('edit'))}>Edit…</MenuItem>
        <MenuItem onClick={then(() => go({ at: 'host', host: id, part: 'connection' }))}>Connection and doctor</MenuItem>
        {(connection.transport === 'ssh' || connection.transport === 'unix') && <MenuItem onClick={then(() => go({ at: 'host', host: id, part: 'daemon' }))}>Daemon settings and SASL users</MenuItem>}
        {connection.transport === 'ssh' && <MenuItem onClick={then(() => go({ at: 'certificates', setUp: id }))}>Set up TLS…</MenuItem>}
        {moves !== undefined && <MenuItem disabled={moves.up === null} onClick={then(() => moves.up?.())}>Move up</MenuItem>}
        {moves !== undefined && <MenuItem disabled={moves.down === null} onClick={then(() => moves.down?.())}>Move down</MenuItem>}
        <MenuItem onClick={then(() => setDialog('remove'))} sx={{ color: 'error.main' }}>Remove…</MenuItem>
      </Menu>
      {dialog === 'edit' && <HostDialog connection={connection} onClose={() => setDialog(null)} />}
      {dialog === 'remove' && <RemoveHost connection={connection} onClose={() => setDialog(null)} />}
    </>
  );
};
