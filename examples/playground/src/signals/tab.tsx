export default function Tab() {
  return <p>Not here yet.</p>;
}
