// A guest's settings as a profile: everything that is set on it to begin with, for a person to take off what is its own.
import { type ReactNode, useMemo } from 'react';
import { knobNames } from '../../../app/tuning/knobs.ts';
import { isNothing } from '../../../app/tuning/plan.ts';
import { profileOf } from '../../../app/tuning/profile.ts';
import type { Tuning } from '../../panels/tuning.ts';
import { ProfileDialog, type ProfileDraft } from './profile-dialog.tsx';

export const SaveAsProfile = ({ tuning: { guest, actual }, onClose }: { readonly tuning: Pick<Tuning, 'guest' | 'actual'>; readonly onClose: () => void }): ReactNode => {
  const settings = actual.saved ?? actual.live;
  const draft = useMemo((): ProfileDraft => ({
    id: null, name: `As ${guest.name}`, description: `Taken from ${guest.name}.`,
    settings: settings === null ? [] : profileOf(settings, knobNames).filter(({ to }) => !isNothing(to)),
  }), [guest.name, settings]);
  return <ProfileDialog draft={draft} guest={guest} onClose={onClose} />;
};
