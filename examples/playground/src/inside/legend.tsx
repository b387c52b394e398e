/** What the colours stand for. */
import { gradientOf } from "./colours";

export function Legend() {
  return (
    <ul class="legend">
      <li>Rows are units, columns steps.</li>
      <li>
        <span>gates, answers: 0</span>
        <i style={{ backgroundImage: gradientOf("gate") }} />
        <span>1</span>
      </li>
      <li>
        <span>candidates, states: −1</span>
        <i style={{ backgroundImage: gradientOf("signed") }} />
        <span>+1</span>
      </li>
    </ul>
  );
}
