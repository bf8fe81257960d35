
(* The slice (0, a u): the sign of the gradient, up to a positive factor, on an interval of a. *)

Definition sech (s : R) : R := 2 / (exp s + exp (- s)).
@INTEGRANDS@

Lemma sech_between s : 0 < sech s <= 1 /\ sech s <= 2 * exp (- s) /\ sech s <= 2 * exp s.
Proof.
  unfold sech. rewrite exp_Ropp. pose proof (exp_pos s) as P. set (e := exp s) in *.
  assert (Q : 0 < / e) by (apply Rinv_0_lt_compat, P).
  assert (K : 2 / (e + / e) * (e + / e) = 2) by (field; split; nra).
  assert (I : e * / e = 1) by (field; lra).
  assert (X : 0 < 2 / (e + / e)) by (apply Rdiv_lt_0_compat; lra).
  assert (N : 2 <= e + / e).
  { replace (e + / e) with ((e - 1) * (e - 1) * / e + 2) by (field; lra).
    assert (0 <= (e - 1) * (e - 1) * / e) by (apply Rmult_le_pos; [exact (Rle_0_sqr (e - 1))|lra]). lra. }
  repeat split; auto; apply (Rmult_le_reg_r (e + / e)); try lra; rewrite K; nra.
Qed.
Lemma slope_between a s : 0 < a <= 3 ->
  - (13 / 4 * sech s) <= slope a s <= 13 / 4 * sech s.
Proof.
  intros A. destruct (sech_between s) as [P _].
  set (w := exp (- (2 * (s * s) / (a * a)))).
  assert (S : 0 <= 2 * (s * s) / (a * a)).
  { apply Rmult_le_pos; [nra|]. apply Rlt_le, Rinv_0_lt_compat. nra. }
  assert (W : 0 < w <= 1).
  { split; [apply exp_pos|]. rewrite <- exp_0. apply exp_grows. lra. }
  replace (slope a s) with ((1 - a * a / 4 * (sech s * sech s)) * (sech s * w)).
  2: { unfold slope, w. replace (exp (- (2 * (s * s) / (a * a)))) with (exp (exponent a s)).
       2: { f_equal. unfold exponent. field. nra. }
       field. nra. }
  assert (B : - (13 / 4) <= 1 - a * a / 4 * (sech s * sech s) <= 13 / 4).
  { assert (0 <= sech s * sech s <= 1) by nra. assert (0 <= a * a / 4 <= 9 / 4) by nra. nra. }
  assert (V : 0 <= sech s * w <= sech s) by nra.
  assert (- (13 / 4 * (sech s * w)) <= (1 - a * a / 4 * (sech s * sech s)) * (sech s * w)
    <= 13 / 4 * (sech s * w)) by (split; nra). nra.
Qed.
Lemma slope_continuous a s : a <> 0 -> continuous (slope a) s.
Proof.
  intros A. apply (ex_derive_continuous (slope a)). unfold slope, exponent, sech. auto_derive.
  pose proof (exp_pos s). pose proof (exp_pos (- s)). repeat split; nra.
Qed.
Lemma enclosed_slope a T r lo hi value : 0 < a <= 3 -> 3 <= T -> tail 1 T <= r ->
  lo + 2 * r <= RInt (slope a) (- T) T <= hi - 2 * r -> whole_line (slope a) value ->
  lo <= value <= hi.
Proof.
  intros A T3 R. apply (enclosed (slope a) 1 T); auto; try lra.
  - intros s. apply slope_continuous. lra.
  - intros t Ht. rewrite Rmult_1_l. pose proof (slope_between a t A) as B.
    destruct (sech_between t) as [P [Q _]]. pose proof (exp_pos (- t)). nra.
  - intros t Ht. rewrite Rmult_1_l. pose proof (slope_between a (- t) A) as B.
    destruct (sech_between (- t)) as [P [_ Q]]. pose proof (exp_pos (- t)). nra.
Qed.

Ltac integrated := unfold slope, exponent, sech;
  first [integral with (i_prec 30, i_degree 5, i_fuel 300)
        |integral with (i_prec 40, i_degree 8, i_fuel 2000)].
