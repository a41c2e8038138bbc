// Settings of many guests at once: what is to be set, then the plan of each, then the run.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import LinearProgress from '@mui/material/LinearProgress';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { mdiPlus } from '@mdi/js';
import { type ReactNode, useId, useMemo, useState } from 'react';
import type { PlannedGuest } from '../../../app/contract/bulk.ts';
import type { Profile } from '../../../app/contract/profiles.ts';
import { sayOperation } from '../../../app/tuning/operation.ts';
import { profileChanges } from '../../../app/tuning/profile.ts';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import { plural } from '../../panels/plan-summary.ts';
import type { GuestKey } from '../../panels/tuning.ts';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { changeOf, freshLine, type Line, settables } from './draft.ts';
import { LineRow } from './line-row.tsx';
import { Plans } from './plans.tsx';

/** What a run of these lines is called: `CPU shares × 2, Memory +1 GiB`. */
const titleOf = (lines: readonly Line[]): string => lines.flatMap((line) => {
  const change = changeOf(line);
  return line.setting === null || change === null ? [] : [`${line.setting.label} ${sayOperation(change.operation, line.setting.form)}`];
}).join(', ').slice(0, 200);

/** The frame of every dialog for many guests. */
export const BulkDialog = ({ title, onClose, children }: { readonly title: string; readonly onClose: () => void; readonly children: ReactNode }): ReactNode => {
  const id = useId();
  return (
    <Dialog open onClose={onClose} aria-labelledby={id} maxWidth={false} slotProps={{ paper: { sx: { width: 1080 } } }}>
      <DialogTitle id={id}>{title}</DialogTitle>
      {children}
    </Dialog>
  );
};

/** What a profile is called among lines of one's own. */
const ownLines = '';

/** @param profile the one that is to be applied to begin with. */
export const TuneDialog = ({ guests, profile: chosen = null, onClose }: { readonly guests: readonly GuestKey[]; readonly profile?: Profile | null; readonly onClose: () => void }): ReactNode => {
  const [first] = guests;
  // What can be set, in which units and bounds, is told by one of them; each other is judged by its own host when it is planned.
  const read = useAsk('tuning', 'read', { host: first?.host ?? '', uuid: first?.uuid ?? '' }, first !== undefined);
  const settings = useMemo(() => (read.data === undefined ? [] : settables(read.data)), [read.data]);
  const [lines, setLines] = useState<readonly Line[]>([freshLine(0)]);
  const [shown, setShown] = useState<readonly PlannedGuest[] | null>(null);
  const plan = useTell('bulk', 'plan');
  const profiles = useAsk('profiles', 'list', {}).data ?? [];
  const [profileId, setProfileId] = useState(chosen?.id ?? ownLines);
  const profile = profiles.find(({ id }) => id === profileId) ?? null;
  const assign = useTell('profiles', 'assign');
  const changes = profile === null ? lines.flatMap((line) => changeOf(line) ?? []) : profileChanges(profile.settings);
  const complete = profile !== null || changes.length === lines.length;
  const submit = (): void => plan.mutate({ guests: guests.map(({ host, uuid }) => ({ host, uuid })), changes: [...changes] }, { onSuccess: setShown });
  const title = `Tune ${guests.length === 1 ? (first?.name ?? '') : plural(guests.length, 'guest')}`;
  return (
    <BulkDialog title={title} onClose={onClose}>
      {shown === null
        ? (
          <form style={{ display: 'contents' }} onSubmit={(event) => {
            event.preventDefault();
            if (complete && !plan.isPending) submit();
          }}>
            <DialogContent sx={{ display: 'grid', gap: '14px', alignContent: 'start' }}>
              <Box sx={{ color: 'text.secondary' }}>Each guest gets a plan of its own, which is shown before anything is done. Amounts count from what each has: = 4 sets, +2 GiB and −1 add, ×2 multiplies.</Box>
              {read.error !== null && <RefusalCard refusal={refusalOf(read.error)} title="What can be set cannot be read" />}
              {read.data === undefined && read.error === null && <LinearProgress aria-label="Reading what can be set" />}
              {profiles.length > 0 && (
                <TextField select label="Profile" value={profileId} helperText={profile?.description ?? ' '} onChange={(event) => setProfileId(event.target.value)} slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true, SelectDisplayProps: { 'aria-label': 'Profile' } } }}>
                  <MenuItem value={ownLines}>none: the settings below</MenuItem>
                  {profiles.map(({ id, name }) => <MenuItem key={id} value={id}>{name}</MenuItem>)}
                </TextField>
              )}
              {profile === null && lines.map((line, at) => (
                <LineRow
                  key={line.id}
                  line={line}
                  name={`Setting ${at + 1}`}
                  settings={settings}
                  onChange={(next) => setLines(lines.with(at, next))}
                  onRemove={lines.length === 1 ? null : () => setLines(lines.toSpliced(at, 1))}
                />
              ))}
              {profile === null && <Button sx={{ justifySelf: 'start' }} startIcon={<Icon path={mdiPlus} size={16} />} onClick={() => setLines([...lines, freshLine(Math.max(...lines.map(({ id }) => id)) + 1)])}>Add setting</Button>}
              {plan.error !== null && <RefusalCard refusal={refusalOf(plan.error)} title="Not planned" />}
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" variant="contained" color="primary" loading={plan.isPending} disabled={!complete}>Plan for {plural(guests.length, 'guest')}</Button>
            </DialogActions>
          </form>
        )
        : (
          <Plans
            plans={shown}
            title={profile === null ? titleOf(lines) : `Profile ${profile.name}`}
            // Those that are as it says already are to stay so too.
            onBegun={() => (profile === null ? undefined : assign.mutate({ id: profile.id, guests: shown.flatMap(({ outcome, host, uuid }) => (outcome === 'planned' ? [{ host, uuid }] : [])) }))}
            onBack={() => setShown(null)}
            onClose={onClose}
          />
        )}
    </BulkDialog>
  );
};
