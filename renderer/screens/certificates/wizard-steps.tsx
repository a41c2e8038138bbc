// The steps of the wizard on its left: which are done, which one is open. Those done can be gone back to.
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import { mdiCheck } from '@mdi/js';
import type { ReactNode } from 'react';
import { useColors } from '../../ui/colors.ts';
import { Icon } from '../../ui/icon.tsx';

export const wizardSteps = [
  { step: 'authority', label: 'Authority' },
  { step: 'server', label: 'Host certificate' },
  { step: 'client', label: 'Client certificate' },
  { step: 'install', label: 'Install' },
  { step: 'verify', label: 'Verify' },
] as const;
export type WizardStep = (typeof wizardSteps)[number]['step'];

export const indexOfStep = (step: WizardStep): number => wizardSteps.findIndex((one) => one.step === step);

/** @param doneBefore how many of the first steps are done. */
export const StepList = ({ step, doneBefore, disabled, onStep }: { readonly step: WizardStep; readonly doneBefore: number; readonly disabled: boolean; readonly onStep: (step: WizardStep) => void }): ReactNode => {
  const { good, primary, onPrimary, quiet, ink, mute } = useColors();
  return (
    <Box component="nav" aria-label="Steps">
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexDirection: { xs: 'row', md: 'column' }, flexWrap: 'wrap', gap: '6px 12px' }}>
        {wizardSteps.map(({ step: one, label }, index) => {
          const here = one === step;
          const done = index < doneBefore && !here;
          return (
            <li key={one}>
              <ButtonBase
                disabled={disabled || here || index > doneBefore}
                {...(here && { 'aria-current': 'step' as const })}
                aria-label={`${index + 1}. ${label}${done ? ', done' : ''}`}
                onClick={() => onStep(one)}
                sx={{ gap: '10px', p: '4px 8px 4px 4px', borderRadius: '14px', font: 'inherit', fontWeight: here ? 700 : 400, color: here ? ink : mute, '&:hover': { bgcolor: 'action.hover' } }}
              >
                <Box component="span" sx={{ width: 24, height: 24, borderRadius: '50%', flex: 'none', display: 'grid', placeItems: 'center', fontSize: 12, fontWeight: 700, ...(done ? { bgcolor: good.soft, color: good.text } : here ? { bgcolor: primary, color: onPrimary } : { bgcolor: quiet.soft, color: quiet.text }) }}>
                  {done ? <Icon path={mdiCheck} size={14} /> : index + 1}
                </Box>
                {label}
              </ButtonBase>
            </li>
          );
        })}
      </Box>
    </Box>
  );
};
