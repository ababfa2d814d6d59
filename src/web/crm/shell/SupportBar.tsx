import { Alert, Button, Group } from '@mantine/core';
import { LifeBuoy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import { useEndSupport, useLeaveSupport, useSupportAccess } from '../../hooks/session/support-access';

/**
 * While a person from support is signed in: says so on every screen, to that person and to owners and admins, and until when. Either
 * side ends it.
 */
export function SupportBar() {
  const { support } = useSignedIn();
  const isAdmin = useMay()('settings');
  if (support) return <Mine until={support.until} />;
  return isAdmin ? <Theirs /> : null;
}

/** To the person from support. */
function Mine({ until }: { until: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { user } = useSignedIn();
  const leave = useLeaveSupport();
  return (
    <Bar
      text={t('supportAccess.bar.mine', { name: user.displayName, when: format.moment(until) })}
      isEnding={leave.isPending}
      onEnd={() => leave.mutate()}
    />
  );
}

function Theirs() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useSupportAccess();
  const end = useEndSupport();
  const here = (data?.accesses ?? []).filter(({ state, usedAt }) => state === 'open' && usedAt);
  return here.map(({ id, operatorName, allowedUntil }) => (
    <Bar
      key={id}
      text={t('supportAccess.bar.theirs', { name: operatorName, when: format.moment(allowedUntil) })}
      isEnding={end.isPending && end.variables === id}
      onEnd={() => end.mutate(id)}
    />
  ));
}

function Bar({ text, isEnding, onEnd }: { text: string; isEnding: boolean; onEnd: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="grape" icon={<LifeBuoy size={18} />} role="status" mb="md" py="xs">
      <Group justify="space-between" gap="xs">
        <span>{text}</span>
        <Button size="compact-xs" variant="default" loading={isEnding} onClick={onEnd}>
          {t('supportAccess.bar.end')}
        </Button>
      </Group>
    </Alert>
  );
}
