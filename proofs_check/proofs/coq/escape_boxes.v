
(* Two components near and far: the integrals F and Q, and what is claimed of them on a box. *)

Definition sigma (t : R) : R := 1 / (1 + exp (- t)).
Definition kappa (t : R) : R := 1 / (1 + exp (- t)) * (1 / (1 + exp t)).
@INTEGRANDS@
Definition of_box (P : R -> R -> R -> R -> R) (log_odds eps alpha t : R) : R :=
  P (eps * eps) (alpha * eps) log_odds t *
  exp (- (t * (1 / 2 + alpha * eps - log_odds * (eps * eps) + eps * eps * t / 2))).
(* G and eps^2 (near^2 - alpha^2), with eps = 1/a *)
Definition size (l e al : R) : R :=
  2 / (e * e) / sqrt (2 * PI) *
  exp (- ((1 / (2 * e) + al - l * e) * (1 / (2 * e) + al - l * e) / 2)).
Definition room (near e al : R) : R := e * e * (near * near - al * al).
Definition claim (near growth pull drift l e al : R) : Prop :=
  forall f q, whole_line (of_box F l e al) f -> whole_line (of_box Q l e al) q ->
  (1 + al * e) * f + room near e al * Rmax 0 q <= - growth /\
  (q - f) * (q - f) + room near e al * (q * q) <= pull * pull /\
  ((q - f) * (q - f) + room near e al * (q * q)) * (size l e al * size l e al) <= drift * drift.

Lemma sigma_between t : 0 < sigma t < 1.
Proof.
  unfold sigma. pose proof (exp_pos (- t)). split.
  - apply Rdiv_lt_0_compat; lra.
  - apply (Rmult_lt_reg_r (1 + exp (- t))); [lra|]. field_simplify; lra.
Qed.
Lemma other_sigma t : 1 / (1 + exp t) = 1 - sigma t.
Proof.
  unfold sigma. rewrite exp_Ropp. pose proof (exp_pos t). field. split; lra.
Qed.
Lemma kappa_between t : 0 < kappa t < sigma t.
Proof.
  unfold kappa. fold (sigma t). rewrite other_sigma. pose proof (sigma_between t).
  split; [apply Rmult_lt_0_compat; lra|]. nra.
Qed.
Lemma F_between s g l t : 0 <= s <= 1 / 4 -> - (1 / 4) <= g <= 1 / 4 -> - 1 <= l <= 1 ->
  - (2 * (1 + Rabs t) * sigma t) <= F s g l t <= 2 * (1 + Rabs t) * sigma t.
Proof.
  intros S G L. pose proof (sigma_between t) as A. pose proof (kappa_between t) as B.
  replace (F s g l t) with ((g + sigma t) * (-1 / 2 * kappa t +
    s * (- kappa t * l + kappa t * t + sigma t))) by (unfold F; field).
  pose proof (Rabs_pos t) as N.
  assert (K1 : - sigma t <= - kappa t * l <= sigma t) by (split; nra).
  assert (T : - Rabs t <= t <= Rabs t).
  { split; [pose proof (Rle_abs (- t)); rewrite Rabs_Ropp in *; lra|apply Rle_abs]. }
  assert (K2 : - (sigma t * Rabs t) <= kappa t * t <= sigma t * Rabs t).
  { apply (times_between (kappa t) (sigma t)); lra. }
  assert (K3 : - (1 / 4 * (sigma t * (2 + Rabs t))) <= s * (- kappa t * l + kappa t * t + sigma t)
    <= 1 / 4 * (sigma t * (2 + Rabs t))).
  { apply times_between; [lra|]. nra. }
  assert (K4 : - (sigma t * (1 + Rabs t)) <=
    -1 / 2 * kappa t + s * (- kappa t * l + kappa t * t + sigma t) <= sigma t * (1 + Rabs t))
    by nra.
  assert (K5 : - (5 / 4 * (sigma t * (1 + Rabs t))) <= (g + sigma t) * (-1 / 2 * kappa t +
    s * (- kappa t * l + kappa t * t + sigma t)) <= 5 / 4 * (sigma t * (1 + Rabs t))).
  { apply times_between; [lra|exact K4]. }
  nra.
Qed.
Lemma Q_between s g l t : 0 <= s <= 1 / 4 -> - (1 / 4) <= g <= 1 / 4 -> - 1 <= l <= 1 ->
  - (2 * (1 + Rabs t) * sigma t) <= Q s g l t <= 2 * (1 + Rabs t) * sigma t.
Proof.
  intros S G L. pose proof (sigma_between t) as A. pose proof (kappa_between t) as B.
  replace (Q s g l t) with (- g * kappa t - kappa t * sigma t + sigma t * s) by (unfold Q; ring).
  pose proof (Rabs_pos t) as N.
  assert (K1 : - (1 / 4 * sigma t) <= - g * kappa t <= 1 / 4 * sigma t)
    by (apply times_between; lra).
  assert (K2 : - (sigma t * 1) <= kappa t * sigma t <= sigma t * 1) by (apply times_between; lra).
  assert (K3 : - (sigma t * (1 / 4)) <= sigma t * s <= sigma t * (1 / 4))
    by (apply times_between; lra).
  nra.
Qed.
Lemma sigma_decays t : sigma t <= exp t.
Proof.
  unfold sigma. rewrite exp_Ropp. pose proof (exp_pos t).
  apply (Rmult_le_reg_r (1 + / exp t)); [pose proof (Rinv_0_lt_compat _ H); lra|].
  replace (1 / (1 + / exp t) * (1 + / exp t)) with 1 by (field; split; lra).
  replace (exp t * (1 + / exp t)) with (exp t + 1) by (field; lra). lra.
Qed.
Lemma of_box_continuous P l e al t :
  (forall t, ex_derive (P (e * e) (al * e) l) t) -> continuous (of_box P l e al) t.
Proof.
  intros D. apply (ex_derive_continuous (of_box P l e al)). unfold of_box.
  apply (ex_derive_mult (P (e * e) (al * e) l)); [apply D|]. auto_derive. trivial.
Qed.
Lemma F_derivable s g l t : ex_derive (F s g l) t.
Proof.
  unfold F, sigma, kappa. auto_derive. pose proof (exp_pos t). pose proof (exp_pos (- t)).
  repeat split; lra.
Qed.
Lemma Q_derivable s g l t : ex_derive (Q s g l) t.
Proof.
  unfold Q, sigma, kappa. auto_derive. pose proof (exp_pos t). pose proof (exp_pos (- t)).
  repeat split; lra.
Qed.

Definition bounded (P : R -> R -> R -> R -> R) := forall s g l t,
  0 <= s <= 1 / 4 -> - (1 / 4) <= g <= 1 / 4 -> - 1 <= l <= 1 ->
  - (2 * (1 + Rabs t) * sigma t) <= P s g l t <= 2 * (1 + Rabs t) * sigma t.
Definition derivable (P : R -> R -> R -> R -> R) := forall s g l t, ex_derive (P s g l) t.

Lemma right_of P l e al c t : bounded P ->
  0 <= e * e <= 1 / 4 -> - (1 / 4) <= al * e <= 1 / 4 -> - 1 <= l <= 1 ->
  c <= 1 / 2 + al * e - l * (e * e) <= 1 - c -> 0 <= t ->
  - (2 * (1 + t) * exp (- (c * t))) <= of_box P l e al t <= 2 * (1 + t) * exp (- (c * t)).
Proof.
  intros B S G L [C _] T. specialize (B _ _ _ t S G L). rewrite (Rabs_pos_eq t T) in B.
  unfold of_box. pose proof (sigma_between t) as A.
  set (w := exp (- (t * (1 / 2 + al * e - l * (e * e) + e * e * t / 2)))).
  assert (W : 0 < w) by apply exp_pos.
  assert (X : w <= exp (- (c * t))).
  { apply exp_grows. nra. }
  assert (Y : - (2 * (1 + t)) <= P (e * e) (al * e) l t <= 2 * (1 + t)) by nra.
  rewrite (Rmult_assoc 2). rewrite <- (Rmult_assoc 2).
  apply times_between; [exact Y|lra].
Qed.
Lemma left_of P l e al c t : bounded P ->
  0 <= e * e <= 1 / 4 -> - (1 / 4) <= al * e <= 1 / 4 -> - 1 <= l <= 1 ->
  c <= 1 / 2 + al * e - l * (e * e) <= 1 - c -> 0 <= t ->
  - (2 * (1 + t) * exp (- (c * t))) <= of_box P l e al (- t) <= 2 * (1 + t) * exp (- (c * t)).
Proof.
  intros B S G L [_ C] T. specialize (B _ _ _ (- t) S G L).
  rewrite Rabs_Ropp, (Rabs_pos_eq t T) in B.
  unfold of_box. pose proof (sigma_between (- t)) as A. pose proof (sigma_decays (- t)) as D.
  set (w := exp (- (- t * (1 / 2 + al * e - l * (e * e) + e * e * - t / 2)))).
  assert (W : 0 < w) by apply exp_pos.
  assert (X : sigma (- t) * w <= exp (- (c * t))).
  { apply Rle_trans with (exp (- t) * w); [apply Rmult_le_compat_r; lra|].
    unfold w. rewrite <- exp_plus. apply exp_grows. nra. }
  assert (Z : - (2 * (1 + t) * (sigma (- t) * w)) <= P (e * e) (al * e) l (- t) * w <=
    2 * (1 + t) * (sigma (- t) * w)) by (split; nra).
  nra.
Qed.

Lemma enclosed_box P l e al c T r lo hi value : bounded P -> derivable P ->
  0 <= e * e <= 1 / 4 -> - (1 / 4) <= al * e <= 1 / 4 -> - 1 <= l <= 1 ->
  c <= 1 / 2 + al * e - l * (e * e) <= 1 - c -> 0 < c -> 0 <= T -> tail c T <= r ->
  lo + 2 * r <= RInt (of_box P l e al) (- T) T <= hi - 2 * r ->
  whole_line (of_box P l e al) value -> lo <= value <= hi.
Proof.
  intros B D S G L C C0 T0. apply enclosed; auto.
  - intros t. apply of_box_continuous. intros; apply D.
  - intros t Ht. apply right_of; auto. lra.
  - intros t Ht. apply left_of; auto. lra.
Qed.

(* G where eps reaches down to 0 *)
Lemma size_decays l e al top p : 0 < e <= top -> p <= 1 / 2 + al * e - l * (e * e) -> 0 < p ->
  1 <= p * p / (2 * (top * top)) ->
  size l e al <= 2 / (top * top) / sqrt (2 * PI) * exp (- (p * p / (2 * (top * top)))).
Proof.
  intros [E T] P P0 X1. unfold size.
  set (x1 := p * p / (2 * (top * top))) in *. set (x := p * p / (2 * (e * e))).
  assert (S : 0 < / sqrt (2 * PI)).
  { apply Rinv_0_lt_compat, sqrt_lt_R0. pose proof PI_RGT_0. lra. }
  assert (Y : p / e <= 1 / (2 * e) + al - l * e).
  { replace (1 / (2 * e) + al - l * e) with ((1 / 2 + al * e - l * (e * e)) / e) by (field; lra).
    apply Rmult_le_compat_r; [apply Rlt_le, Rinv_0_lt_compat, E|exact P]. }
  assert (Y0 : 0 < p / e) by (apply Rdiv_lt_0_compat; lra).
  assert (D : exp (- ((1 / (2 * e) + al - l * e) * (1 / (2 * e) + al - l * e) / 2)) <= exp (- x)).
  { assert (Z : x <= (1 / (2 * e) + al - l * e) * (1 / (2 * e) + al - l * e) / 2).
    { unfold x. replace (p * p / (2 * (e * e))) with (p / e * (p / e) / 2) by (field; lra). nra. }
    apply exp_grows. lra. }
  assert (X : x1 <= x).
  { unfold x, x1. apply Rmult_le_compat_l; [nra|]. apply Rinv_le_contravar; nra. }
  assert (K : x * exp (- x) <= x1 * exp (- x1)).
  { replace (- x1) with (- x + (x - x1)) by ring. rewrite exp_plus.
    pose proof (exp_pos (- x)). pose proof (exp_ineq1_le (x - x1)).
    assert (x <= x1 * exp (x - x1)) by nra. nra. }
  replace (2 / (e * e)) with (4 / (p * p) * x) by (unfold x; field; split; lra).
  replace (2 / (top * top)) with (4 / (p * p) * x1) by (unfold x1; field; split; lra).
  assert (A : 0 < 4 / (p * p)) by (apply Rdiv_lt_0_compat; nra).
  apply Rle_trans with (4 / (p * p) * x / sqrt (2 * PI) * exp (- x)).
  - apply Rmult_le_compat_l; [|exact D]. apply Rmult_le_pos; [nra|lra].
  - replace (4 / (p * p) * x / sqrt (2 * PI) * exp (- x)) with
      (4 / (p * p) * / sqrt (2 * PI) * (x * exp (- x))) by (unfold Rdiv; ring).
    replace (4 / (p * p) * x1 / sqrt (2 * PI) * exp (- x1)) with
      (4 / (p * p) * / sqrt (2 * PI) * (x1 * exp (- x1))) by (unfold Rdiv; ring).
    apply Rmult_le_compat_l; [|exact K]. apply Rmult_le_pos; lra.
Qed.

(* A claim from enclosures of the two integrals and of G. *)
Lemma from_enclosures near growth pull drift l e al c T r f0 f1 q0 q1 top :
  0 <= e * e <= 1 / 4 -> - (1 / 4) <= al * e <= 1 / 4 -> - 1 <= l <= 1 ->
  c <= 1 / 2 + al * e - l * (e * e) <= 1 - c -> 0 < c -> 0 <= T -> tail c T <= r ->
  f0 + 2 * r <= RInt (of_box F l e al) (- T) T <= f1 - 2 * r ->
  q0 + 2 * r <= RInt (of_box Q l e al) (- T) T <= q1 - 2 * r ->
  0 <= size l e al <= top ->
  (forall f q s, f0 <= f <= f1 -> q0 <= q <= q1 -> 0 <= s <= top ->
    (1 + al * e) * f + room near e al * Rmax 0 q <= - growth /\
    (q - f) * (q - f) + room near e al * (q * q) <= pull * pull /\
    ((q - f) * (q - f) + room near e al * (q * q)) * (s * s) <= drift * drift) ->
  claim near growth pull drift l e al.
Proof.
  intros S1 S2 S3 S4 C T0 R HF HQ HS H f q If Iq. apply H; [| |exact HS].
  - exact (enclosed_box F l e al c T r f0 f1 f F_between F_derivable S1 S2 S3 S4 C T0 R HF If).
  - exact (enclosed_box Q l e al c T r q0 q1 q Q_between Q_derivable S1 S2 S3 S4 C T0 R HQ Iq).
Qed.
Lemma size_nonnegative l e al : 0 < e -> 0 <= size l e al.
Proof.
  intros E. assert (0 < sqrt (2 * PI)) by (apply sqrt_lt_R0; pose proof PI_RGT_0; lra).
  assert (0 < 2 / (e * e)) by (apply Rdiv_lt_0_compat; nra). unfold size.
  apply Rmult_le_pos; [|apply Rlt_le, exp_pos]. apply Rlt_le, Rdiv_lt_0_compat; lra.
Qed.

Ltac integrated := unfold of_box, F, Q, sigma, kappa;
  first [integral with (i_prec 30, i_degree 5, i_fuel 300)
        |integral with (i_prec 40, i_degree 8, i_fuel 2000)].
Ltac inequalities := intros f q s Bf Bq Bs; unfold room; split; [|split];
  [unfold Rmax; destruct (Rle_dec 0 q); decided|decided|decided].
