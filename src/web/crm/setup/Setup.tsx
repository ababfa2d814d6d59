import { Button, Group, Progress, Text, ThemeIcon } from '@mantine/core';
import { Check } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SETUP_STEPS, type SetupStep, useSetup } from '../../hooks/company/setup';
import { ButtonTo } from '../../ui/LinkTo';
import { Panel } from '../../ui/Panel';
import { SampleData } from './SampleData';
import classes from './Setup.module.css';

/** The forms of the steps load when the first one opens. */
const OpenedStep = lazy(() => import('./OpenedStep').then((step) => ({ default: step.OpenedStep })));

type Setup = NonNullable<ReturnType<typeof useSetup>>;

/**
 * What a new company has still to set up, ending with its first sent quote. Each step is derived from the records; a skipped one can
 * be taken up again. Gone once nothing is left.
 */
export function Setup() {
  const { t } = useTranslation();
  const setup = useSetup();
  const [opened, setOpened] = useState<SetupStep>();
  if (!setup) return null;
  const { isComplete, isDone, isSkipped } = setup;
  const done = SETUP_STEPS.filter(isDone).length;
  const current = SETUP_STEPS.find((step) => !isDone(step) && !isSkipped(step));
  return (
    <>
      {!isComplete && (
        <Panel
          title={t('setup.title')}
          flush
          aside={
            <Text size="sm" c="dimmed">
              {t('setup.progress', { done, count: SETUP_STEPS.length })}
            </Text>
          }
        >
          <Text size="sm" c="dimmed" px={18} pb={10}>
            {t('setup.text')}
          </Text>
          <Progress
            value={(100 * done) / SETUP_STEPS.length}
            mx={18}
            mb={6}
            aria-label={t('setup.progress', { done, count: SETUP_STEPS.length })}
          />
          <ul className={classes.steps}>
            {SETUP_STEPS.map((step) => (
              <Step
                key={step}
                step={step}
                setup={setup}
                isCurrent={step === current}
                action={
                  <StepAction
                    step={step}
                    setup={setup}
                    isCurrent={step === current}
                    onOpen={() => setOpened(step)}
                  />
                }
              />
            ))}
          </ul>
        </Panel>
      )}
      <SampleData samples={setup.samples} offers={!isComplete && !isDone('quote')} />
      {opened && (
        <Suspense>
          <OpenedStep step={opened} onClose={() => setOpened(undefined)} />
        </Suspense>
      )}
    </>
  );
}

function Step({
  step,
  setup: { isDone, isSkipped, skip },
  isCurrent,
  action,
}: {
  step: SetupStep;
  setup: Setup;
  isCurrent: boolean;
  action: ReactNode;
}) {
  const { t } = useTranslation();
  const title = t(`setup.steps.${step}.title`);
  const state = isDone(step) ? 'done' : isSkipped(step) ? 'skipped' : 'open';
  return (
    <li className={classes.step} data-state={state} aria-current={isCurrent ? 'step' : undefined}>
      <ThemeIcon
        size={24}
        radius="xl"
        variant={state === 'done' ? 'filled' : 'default'}
        color="green"
        aria-label={t(`setup.state.${state}`)}
        role="img"
      >
        {state === 'done' ? <Check size={14} /> : null}
      </ThemeIcon>
      <div className={classes.words}>
        <Text size="sm" fw={600}>
          {title}
        </Text>
        {state !== 'done' && (
          <Text size="sm" c="dimmed">
            {state === 'skipped' ? t('setup.skippedText') : t(`setup.steps.${step}.text`)}
          </Text>
        )}
      </div>
      {state !== 'done' && (
        <Group gap={6} className={classes.actions}>
          {action}
          {state === 'open' && step !== 'quote' && (
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              aria-label={`${t('setup.skip')}: ${title}`}
              onClick={() => skip(step)}
            >
              {t('setup.skip')}
            </Button>
          )}
        </Group>
      )}
    </li>
  );
}

/** The button of a step. That of the first quote leads to the record that is furthest on the way. */
function StepAction({
  step,
  setup: { next },
  isCurrent,
  onOpen,
}: {
  step: SetupStep;
  setup: Setup;
  isCurrent: boolean;
  onOpen: () => void;
}) {
  const { t } = useTranslation();
  const look = { size: 'compact-sm', variant: isCurrent ? 'filled' : 'light' } as const;
  if (step === 'quote' && next) {
    return (
      <ButtonTo {...look} to={`/${next.entity}/${next.id}`}>
        {t(`setup.next.${next.entity}`)}
      </ButtonTo>
    );
  }
  return (
    <Button {...look} onClick={onOpen}>
      {t(`setup.steps.${step}.action`)}
    </Button>
  );
}
