// Values to begin with, by a name of the user's own: chosen at the top of a form, or saved from what it holds.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { type ReactNode, useState } from 'react';
import { certificates as section } from '../../../app/contract/certificates.ts';
import type { CertificateKind } from '../../../app/pki/profiles.ts';
import { useApi, useAsk } from '../../api/api.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { useAct } from './act.ts';
import type { TypedLife } from './fields.tsx';
import { daysOf, partsOf, problemsOf, type TypedSubject, typedOf } from './form.ts';
import { ChoiceRow, Row } from './rows.tsx';

export interface Filled {
  readonly subject: TypedSubject;
  readonly life: TypedLife;
  /** Hosts that are clients of others too. */
  readonly clientAuth?: boolean;
}

interface ProfileProps {
  readonly kind: CertificateKind;
  readonly disabled: boolean;
}

/** Fills a form in with a profile; nothing is shown where there is none. */
export const ProfileChoice = ({ kind, disabled, onProfile }: ProfileProps & { readonly onProfile: (filled: Required<Filled>) => void }): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const profiles = (useAsk('certificates', 'profiles', {}).data ?? []).filter((one) => one.kind === kind);
  const [chosen, setChosen] = useState('');
  const profile = profiles.find(({ name }) => name === chosen);
  const choose = (value: string): void => {
    setChosen(value);
    const found = profiles.find((one) => one.name === value);
    if (found !== undefined) onProfile({ subject: typedOf(found.subject), life: { keyBits: found.keyBits, days: `${found.days}`, dates: null }, clientAuth: found.clientAuth });
  };
  if (profiles.length === 0) return null;
  return (
    <>
      <ChoiceRow label="Profile" value={profile?.name ?? ''} disabled={disabled || act.busy} hint="Fills in what was saved under a name." choices={[{ value: '', label: 'None' }, ...profiles.map(({ name }) => ({ value: name, label: name }))]} onChange={choose} />
      {profile !== undefined && (
        <Row label="">
          <Box>
            <Button variant="text" color="primary" disabled={disabled} loading={act.busy} sx={{ ml: '-8px', px: 1 }} onClick={() => act.run(async () => {
              await client.ask('certificates', 'removeProfile', { name: profile.name });
              setChosen('');
            })}>Remove profile {profile.name}</Button>
          </Box>
        </Row>
      )}
      {act.refusal !== null && <RefusalCard refusal={act.refusal} title="Not removed" />}
    </>
  );
};

/** Keeps what is filled in under a name, for the next form of its kind. */
export const ProfileSave = ({ kind, subject, life, clientAuth = false, disabled }: Filled & ProfileProps): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [name, setName] = useState<string | null>(null);
  const [saved, setSaved] = useState<string | null>(null);
  const profile = { name: name ?? '', kind, subject: partsOf({ ...subject, CN: '' }), keyBits: life.keyBits, days: daysOf(life.days) ?? 0, clientAuth };
  const wrong = problemsOf(section.asks.saveProfile.takes, { profile });
  const save = (): void => {
    if (wrong.size > 0) return;
    act.run(async () => {
      await client.ask('certificates', 'saveProfile', { profile });
      setSaved(profile.name.trim());
      setName(null);
    });
  };
  return (
    <Row label="">
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
        {name === null
          ? (
            <>
              <Button variant="text" color="primary" disabled={disabled} onClick={() => setName('')} sx={{ ml: '-8px', px: 1 }}>Save what is filled in as a profile</Button>
              <Box component="span" role="status" sx={{ color: 'text.secondary' }}>{saved === null ? '' : `Saved as ${saved}.`}</Box>
            </>
          )
          : (
            <>
              <TextField
                autoFocus
                label="Name of the profile"
                value={name}
                onChange={(event) => setName(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter') return;
                  // The form around it is for something else.
                  event.preventDefault();
                  save();
                }}
              />
              <Button loading={act.busy} disabled={disabled || wrong.size > 0} onClick={save}>Save profile</Button>
              <Button variant="text" onClick={() => setName(null)}>Do not save</Button>
            </>
          )}
      </Box>
      {act.refusal !== null && <RefusalCard refusal={act.refusal} title="Not saved" />}
    </Row>
  );
};
