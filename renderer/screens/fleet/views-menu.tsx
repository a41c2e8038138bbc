// Views of the fleet under names: shown, kept, and removed.
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Divider from '@mui/material/Divider';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { mdiMenuDown } from '@mdi/js';
import { type ReactNode, useId, useState } from 'react';
import { type FleetColumn, type FleetView, type NamedView, namedView } from '../../../app/contract/fleet.ts';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import type { Change } from './view-buttons.tsx';

const none: readonly NamedView[] = [];

/** Whether both show the same; the order of what is chosen among does not matter. */
const isSame = (one: FleetView, other: FleetView): boolean => {
  const plain = ({ states, hosts, columns, ...view }: FleetView): unknown[] => [...Object.entries(view).toSorted(([a], [b]) => (a < b ? -1 : 1)), [...states].sort(), [...hosts].sort(), [...columns].sort()];
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
};

const KeepDialog = ({ view, views, onClose }: { readonly view: FleetView; readonly views: readonly NamedView[]; readonly onClose: () => void }): ReactNode => {
  const [name, setName] = useState('');
  const keep = useTell('program', 'setPreferences');
  const id = useId();
  const made = namedView.safeParse({ name, view });
  const replaces = views.some((one) => one.name === name.trim());
  return (
    <Dialog open onClose={onClose} aria-labelledby={id} maxWidth="xs" fullWidth>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (made.success) keep.mutate({ preferences: { fleetViews: [...views.filter((one) => one.name !== made.data.name), made.data] } }, { onSuccess: onClose });
        }}
      >
        <DialogTitle id={id}>Keep this view</DialogTitle>
        <DialogContent>
          <TextField autoFocus fullWidth label="Name" value={name} onChange={(event) => setName(event.target.value)} helperText={replaces ? 'Takes the place of the view that has this name.' : 'Keeps what is searched for and chosen, the order, groups and columns.'} sx={{ mt: 1 }} />
          {keep.error !== null && <RefusalCard refusal={refusalOf(keep.error)} title="The view was not kept" />}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="contained" color="primary" disabled={!made.success} loading={keep.isPending}>Keep</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
};

export const ViewsMenu = ({ view, onChange, onColumns }: { readonly view: FleetView; readonly onChange: Change; readonly onColumns: (columns: readonly FleetColumn[]) => void }): ReactNode => {
  const views = useAsk('program', 'preferences', {}).data?.fleetViews ?? none;
  const change = useTell('program', 'setPreferences');
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [isKeeping, setKeeping] = useState(false);
  const current = views.find((one) => isSame(one.view, view));
  const close = (): void => setAnchor(null);
  return (
    <>
      <Button aria-haspopup="menu" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)} endIcon={<Icon path={mdiMenuDown} />} {...(current !== undefined && { color: 'primary' as const })}>
        {current === undefined ? 'Views' : `View: ${current.name}`}
      </Button>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={close} slotProps={{ list: { dense: true, 'aria-label': 'Views' } }}>
        {views.map((one) => (
          <MenuItem key={one.name} role="menuitemradio" aria-checked={one === current} selected={one === current} onClick={() => {
            const { columns, ...rest } = one.view;
            onChange(rest);
            onColumns(columns);
            close();
          }}>{one.name}</MenuItem>
        ))}
        {views.length > 0 && <Divider />}
        <MenuItem onClick={() => {
          setKeeping(true);
          close();
        }}>Keep this view…</MenuItem>
        {current !== undefined && (
          <MenuItem onClick={() => {
            change.mutate({ preferences: { fleetViews: views.filter((one) => one !== current) } });
            close();
          }}>Remove “{current.name}”</MenuItem>
        )}
      </Menu>
      {isKeeping && <KeepDialog view={view} views={views} onClose={() => setKeeping(false)} />}
    </>
  );
};
