// One profile: what it sets, which of its guests are as it says, and what can be done with it.
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import { mdiLinkOff } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import type { Profile, Standing } from '../../../app/contract/profiles.ts';
import { refusalOf, useAsk, useTell } from '../../api/api.tsx';
import { plural } from '../../panels/plan-summary.ts';
import type { GuestKey } from '../../panels/tuning.ts';
import { Card } from '../../ui/card.tsx';
import { ConfirmByName } from '../../ui/confirm-by-name.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { Chip, type ToneName } from '../../ui/tag.tsx';
import { TuneDialog } from '../bulk/tune-dialog.tsx';
import { draftOf, ProfileDialog } from './profile-dialog.tsx';
import { aimWords, settingWords } from './setting-words.ts';

const marks: Readonly<Record<Standing['state'], { readonly label: string; readonly tone: ToneName }>> = {
  matches: { label: 'as it says', tone: 'good' },
  differs: { label: 'differs', tone: 'warn' },
  unknown: { label: 'not known', tone: 'quiet' },
};

const Guests = ({ profile, standings }: { readonly profile: Profile; readonly standings: readonly Standing[] }): ReactNode => {
  const release = useTell('profiles', 'release');
  return (
    <Box component="ul" aria-label={`Guests of ${profile.name}`} sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {standings.toSorted((one, other) => Number(other.state === 'differs') - Number(one.state === 'differs')).map(({ host, uuid, name, state, differences }) => (
        <Box component="li" key={`${host}/${uuid}`} sx={{ display: 'flex', gap: '10px', alignItems: 'baseline', flexWrap: 'wrap', py: '3px', borderBottom: 1, borderColor: 'divider' }}>
          <Box component="strong">{name === '' ? uuid : name}</Box>
          <Chip tone={marks[state].tone}>{marks[state].label}</Chip>
          <Box sx={{ color: 'text.secondary', minWidth: 0, overflowWrap: 'anywhere', flex: 1 }}>
            {state === 'unknown' ? 'Its host does not answer, or it is gone.' : differences.map(({ knob, unit, field, has, wants }) => `${aimWords(knob, [unit], field)}: ${has} instead of ${wants}`).join(' · ')}
          </Box>
          <Tooltip title={`${name} need not be as ${profile.name} says`}>
            <IconButton aria-label={`Release ${name === '' ? uuid : name} from ${profile.name}`} onClick={() => release.mutate({ id: profile.id, guests: [{ host, uuid }] })}><Icon path={mdiLinkOff} size={16} /></IconButton>
          </Tooltip>
        </Box>
      ))}
    </Box>
  );
};

/** @param guest any guest, for editing. */
export const ProfileCard = ({ profile, guest }: { readonly profile: Profile; readonly guest: GuestKey | null }): ReactNode => {
  const drift = useAsk('profiles', 'drift', { id: profile.id }, profile.guests.length > 0);
  const exported = useAsk('profiles', 'exportText', { ids: [profile.id] }).data;
  const remove = useTell('profiles', 'remove');
  const [dialog, setDialog] = useState<'edit' | 'remove' | 'apply' | null>(null);
  const close = (): void => setDialog(null);
  const standings = profile.guests.length === 0 ? [] : (drift.data ?? []);
  const differing = standings.filter(({ state }) => state === 'differs');
  const matching = standings.filter(({ state }) => state === 'matches').length;
  return (
    <Card
      title={profile.name}
      beside={(
        <>
          {standings.length > 0 && <Chip tone={differing.length > 0 ? 'warn' : 'good'}>{matching} of {plural(standings.length, 'guest')} {standings.length === 1 || matching === 1 ? 'matches' : 'match'}</Chip>}
          <Box sx={{ ml: 'auto', display: 'flex', gap: '8px', flexWrap: 'wrap' }}>
            {differing.length > 0 && <Button variant="contained" color="primary" onClick={() => setDialog('apply')}>Apply to {plural(differing.length, 'guest')} that {differing.length === 1 ? 'differs' : 'differ'}…</Button>}
            <Button aria-label={`Edit ${profile.name}`} onClick={() => setDialog('edit')}>Edit…</Button>
            {exported !== undefined && <CopyButton text={() => exported.text} label="Copy as JSON" />}
            <Button aria-label={`Remove ${profile.name}`} onClick={() => setDialog('remove')}>Remove…</Button>
          </Box>
        </>
      )}
    >
      <Box sx={{ mb: '8px', color: 'text.secondary' }}>{profile.description}</Box>
      <Box component="ul" aria-label={`Settings of ${profile.name}`} sx={{ m: 0, mb: '8px', pl: 2 }}>
        {profile.settings.map((setting) => {
          const { name, value } = settingWords(setting);
          return <li key={JSON.stringify(setting)}>{name}: <strong>{value}</strong></li>;
        })}
      </Box>
      {drift.error !== null && <RefusalCard refusal={refusalOf(drift.error)} title="How its guests stand cannot be told" />}
      {profile.guests.length === 0
        ? <Alert severity="info">No guest is to be as it says yet. Select guests under All guests, then Tune…, and choose it there.</Alert>
        : <Guests profile={profile} standings={standings} />}
      {dialog === 'edit' && <ProfileDialog draft={draftOf(profile)} guest={guest} onClose={close} />}
      {dialog === 'apply' && <TuneDialog guests={differing} profile={profile} onClose={close} />}
      {dialog === 'remove' && <ConfirmByName title={`Remove ${profile.name}?`} effect="Its guests stay as they are; which of them differ is not told any more." name={profile.name} verb="Remove" onCancel={close} onConfirm={() => remove.mutate({ id: profile.id }, { onSuccess: close })} />}
    </Card>
  );
};
