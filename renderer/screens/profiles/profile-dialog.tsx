// A profile written by hand or taken from a guest: its name, what it is for, and its settings one by one.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import IconButton from '@mui/material/IconButton';
import TextField from '@mui/material/TextField';
import Tooltip from '@mui/material/Tooltip';
import { mdiTrashCanOutline } from '@mdi/js';
import { type ReactNode, useMemo, useState } from 'react';
import type { Profile } from '../../../app/contract/profiles.ts';
import type { ProfileSetting } from '../../../app/tuning/profile.ts';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import type { GuestKey } from '../../panels/tuning.ts';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { changeOf, freshLine, type Line, settables } from '../bulk/draft.ts';
import { LineRow } from '../bulk/line-row.tsx';
import { BulkDialog } from '../bulk/tune-dialog.tsx';
import { settingWords } from './setting-words.ts';

/** What a profile is made of before anybody has edited it. */
export interface ProfileDraft {
  readonly id: string | null;
  readonly name: string;
  readonly description: string;
  readonly settings: readonly ProfileSetting[];
}

export const draftOf = ({ id, name, description, settings }: Profile): ProfileDraft => ({ id, name, description, settings });

/** The setting a line stands for; null while it is none, and for what is relative: a profile says what is to be. */
const settingOf = (line: Line): ProfileSetting | null => {
  const change = changeOf(line);
  return change?.operation.how === 'set' ? { aim: change.aim, to: change.operation.to } : null;
};

/** @param guest any guest, from which is told what can be set; null = none is there to ask. */
export const ProfileDialog = ({ draft, guest, onClose }: { readonly draft: ProfileDraft; readonly guest: GuestKey | null; readonly onClose: () => void }): ReactNode => {
  const read = useAsk('tuning', 'read', { host: guest?.host ?? '', uuid: guest?.uuid ?? '' }, guest !== null);
  const known = useMemo(() => (read.data === undefined ? [] : settables(read.data)), [read.data]);
  const save = useTell('profiles', 'save');
  const [name, setName] = useState(draft.name);
  const [description, setDescription] = useState(draft.description);
  const [settings, setSettings] = useState(draft.settings);
  const [line, setLine] = useState(freshLine(0));
  const added = settingOf(line);
  const add = (): void => {
    if (added === null) return;
    setSettings([...settings, added]);
    setLine(freshLine(line.id + 1));
  };
  const refusal = save.error === null ? null : refusalOf(save.error);
  const nameWrong = refusal?.field === 'profile.name';
  return (
    <BulkDialog title={draft.id === null ? 'New profile' : `Edit ${draft.name}`} onClose={onClose}>
      <DialogContent sx={{ display: 'grid', gap: '14px', alignContent: 'start', pt: '8px !important' }}>
        <TextField autoFocus label="Name" value={name} error={nameWrong} helperText={nameWrong ? refusal.message : undefined} onChange={(event) => setName(event.target.value)} />
        <TextField label="What it is for" multiline minRows={2} value={description} onChange={(event) => setDescription(event.target.value)} />
        {refusal !== null && !nameWrong && <RefusalCard refusal={refusal} title="Not saved" />}
        <Box component="ul" aria-label="Settings of the profile" sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {settings.map((setting, at) => {
            const words = settingWords(setting);
            return (
              <Box component="li" key={`${JSON.stringify(setting)}/${at}`} sx={{ display: 'flex', gap: '10px', alignItems: 'center', borderBottom: 1, borderColor: 'divider', py: '2px' }}>
                <Box component="strong">{words.name}</Box>
                <Box sx={{ color: 'text.secondary', overflowWrap: 'anywhere', minWidth: 0 }}>{words.value}</Box>
                <Tooltip title={`Remove ${words.name}`}><IconButton aria-label={`Remove ${words.name}`} sx={{ ml: 'auto' }} onClick={() => setSettings(settings.toSpliced(at, 1))}><Icon path={mdiTrashCanOutline} size={16} /></IconButton></Tooltip>
              </Box>
            );
          })}
        </Box>
        {settings.length === 0 && <Box sx={{ color: 'text.secondary' }}>No settings yet: add one below.</Box>}
        {guest === null
          ? <Box sx={{ color: 'text.secondary' }}>Connect a host with a guest to add settings: what can be set is told by one.</Box>
          : (
            <Box sx={{ display: 'grid', gridTemplateColumns: '1fr auto', gap: '10px', alignItems: 'start' }}>
              <LineRow line={line} name="New setting" settings={known} isAbsolute onChange={setLine} onRemove={null} />
              <Button disabled={added === null} onClick={add}>Add setting</Button>
            </Box>
          )}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="contained" color="primary" loading={save.isPending} disabled={name.trim() === '' || settings.length === 0} onClick={() => save.mutate({ id: draft.id, profile: { name: name.trim(), description: description.trim(), settings } }, { onSuccess: onClose })}>Save profile</Button>
      </DialogActions>
    </BulkDialog>
  );
};
