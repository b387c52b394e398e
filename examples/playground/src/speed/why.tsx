/** Why figures differ from machine to machine, and from run to run. */
export function Why() {
  return (
    <details>
      <summary>What the words mean, and why figures differ between machines</summary>
      <p>
        <strong>baseline</strong> and <strong>relaxed</strong> are two builds of the same code. Both work on four numbers at a time. relaxed
        also multiplies and adds in one instruction, which not every browser has yet; the package takes it by itself where it is there.
      </p>
      <p>
        <strong>GFLOP/s</strong>: thousands of millions of multiplications and additions a second. <strong>The ceiling</strong> is the
        greatest rate that a product of large matrices reached just now, in either build. A network cannot be faster than the product that
        it consists of, and is slower where it waits: for its own last answer, for weights that come from memory, for sigmoid and tanh. A
        share above 100 % says that the machine was busy with something else while it multiplied.
      </p>
      <p>
        Everything runs on <strong>one thread</strong>, and each result is compared with a plain computation before it is timed. All cases
        take turns in both builds, many times. <strong>The fastest</strong> time says what the machine can do; <strong>the median</strong>{" "}
        what it did, beside all else that it had to do. Pages get a coarse clock, so that each timing is the mean of many calls.
      </p>
      <ul>
        <li>
          Processors differ in how many instructions of this kind they begin at once, in their clock rate, and in how much memory is near
          them.
        </li>
        <li>A laptop on its battery, a warm phone and a machine with other work are slower, up to several times.</li>
        <li>Browsers compile the same code differently. The first calls, before it is compiled as well as it can be, are not counted.</li>
        <li>Open developer tools can slow all of it down.</li>
      </ul>
    </details>
  );
}
