import { CloseButton, Stepper, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import type { ListedMoveAnswer } from '@/server/operator/moves/answers';
import { LinkTo } from '../../ui/LinkTo';
import { Panel } from '../../ui/Panel';
import { useOperatorQuery } from '../queries';

const STEPS = ['traffic', 'move', 'watch', 'cutOver', 'proof'] as const;

/** Five steps to a first move; the step to take next is read from what has happened. */
export function Tour({ isTrafficOn }: { isTrafficOn: boolean }) {
  const { t } = useTranslation();
  const [isClosed, setClosed] = useLocalStorage({ key: 'marquee-tour-closed', defaultValue: false });
  const { data } = useOperatorQuery<{ moves: ListedMoveAnswer[] }>('moves', '/moves', {
    parameters: { limit: 1 },
    enabled: !isClosed,
  });
  if (isClosed) return null;
  const [move] = data?.moves ?? [];
  const active = stepOf(move, isTrafficOn);
  const current = STEPS[active];
  return (
    <Panel
      title={t('demo.tour.title')}
      aside={<CloseButton aria-label={t('demo.tour.close')} onClick={() => setClosed(true)} />}
    >
      <Stepper active={active} size="xs" wrap>
        {STEPS.map((step, at) => (
          <Stepper.Step
            key={step}
            label={t(`demo.tour.${step}.title`)}
            description={at === active ? t(`demo.tour.${step}.text`) : undefined}
          />
        ))}
      </Stepper>
      {move && current && active >= 2 && (
        <Text size="sm" mt="sm">
          <LinkTo to={`/moves/${move.id}`}>{t(`demo.tour.${current}.title`)}</LinkTo>
        </Text>
      )}
    </Panel>
  );
}

function stepOf(move: ListedMoveAnswer | undefined, isTrafficOn: boolean): number {
  if (!move) return isTrafficOn ? 1 : 0;
  if (move.hasCertificate) return 4;
  return move.step === 'catching_up' && move.progress.verifiedAt ? 3 : 2;
}
