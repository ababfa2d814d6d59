import type { ListedMoveAnswer } from '@/server/operator/moves/answers';
import { useFailureMessage, useMessage } from '../server-messages/use-message';

/** Says why a move has failed: of its preflight each problem. @returns '' where it has not */
export function useMoveFailure(): (move: Pick<ListedMoveAnswer, 'error' | 'says'>) => string {
  const say = useMessage();
  const sayFailure = useFailureMessage();
  return ({ error, says: { problems } }) => {
    if (!error) return '';
    const { code, message } = error;
    const said = problems.map((problem) => say(problem.said, problem.text)).join(' ');
    return sayFailure({ code, message: said || message });
  };
}
