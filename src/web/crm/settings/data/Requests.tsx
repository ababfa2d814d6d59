import { Alert, Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CompanyDataAnswer, CustomerRequestAnswer } from '@/server/api/company/company-data';
import { useAskOperator, useWithdrawRequest } from '../../../hooks/company/company-data';
import { usePeople } from '../../../hooks/company/people';
import { useFormat } from '../../../hooks/format';
import { confirm } from '../../../ui/confirm';
import { explain, notifyDone } from '../../../ui/notify';
import { Panel } from '../../../ui/Panel';
import { StatusBadge } from '../../../ui/StatusBadge';
import classes from '../Settings.module.css';

/** What was asked of the operator, with the answers; owners ask for an export here. */
export function Requests({ data, canAsk }: { data: CompanyDataAnswer; canAsk: boolean }) {
  const { t } = useTranslation();
  const ask = useAskOperator();
  const hasOpenExport = data.requests.some(({ kind, state }) => kind === 'export' && state === 'open');
  const askForExport = () =>
    confirm({
      title: t('companyData.exportTitle'),
      text: t('companyData.exportText'),
      action: t('companyData.exportAsk'),
      onConfirm: () =>
        ask.mutate({ kind: 'export' }, { onSuccess: () => notifyDone(t('companyData.asked')) }),
    });
  return (
    <Panel
      title={t('companyData.requests')}
      flush
      aside={
        canAsk &&
        !hasOpenExport && (
          <Button size="compact-sm" variant="light" loading={ask.isPending} onClick={askForExport}>
            {t('companyData.exportAsk')}
          </Button>
        )
      }
    >
      <Text size="sm" c="dimmed" px={18} pb={12}>
        {t('companyData.requestsText')}
      </Text>
      {ask.error && (
        <Alert color="red" role="alert" mx={18} mb={12}>
          {explain(ask.error)}
        </Alert>
      )}
      {data.requests.map((request) => (
        <Entry key={request.id} request={request} canAsk={canAsk} />
      ))}
    </Panel>
  );
}

function Entry({ request, canAsk }: { request: CustomerRequestAnswer; canAsk: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const withdraw = useWithdrawRequest();
  const { id, kind, state, note, requestedBy, requestedAt, answer, answeredAt } = request;
  return (
    <section className={classes.entry} aria-label={t(`companyData.request.${kind}`)}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <div className={classes.words}>
          <Text fw={550}>{t(`companyData.request.${kind}`)}</Text>
          <Text size="sm" c="dimmed">
            {t('companyData.askedBy', { name: nameOf(requestedBy), when: format.moment(requestedAt) })}
            {answeredAt && ` · ${t('companyData.answered', { when: format.moment(answeredAt) })}`}
          </Text>
          {[note, answer].filter(Boolean).map((words) => (
            <Text key={words} size="sm" className={classes.address}>
              {words}
            </Text>
          ))}
        </div>
        <StatusBadge value={`request_${state}`} />
      </Group>
      {canAsk && state === 'open' && (
        <Button
          mt="xs"
          size="compact-sm"
          variant="default"
          loading={withdraw.isPending}
          onClick={() => withdraw.mutate(id, { onSuccess: () => notifyDone(t('companyData.withdrawn')) })}
        >
          {t('companyData.withdraw')}
        </Button>
      )}
    </section>
  );
}
