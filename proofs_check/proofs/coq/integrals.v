(* Integrals over the whole line, between what Coq computes on an interval and a bound of the rest.

   `integral` and `interval` are the tactics of CoqInterval, with integers of the machine for
   arithmetic and no floating point of the processor. *)
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
Open Scope R_scope.

Ltac decided := interval with (i_prec 40).

Definition whole_line (f : R -> R) (value : R) : Prop :=
  is_RInt_gen f (Rbar_locally m_infty) (Rbar_locally p_infty) value.

Lemma times_between a b c d : - b <= a <= b -> - d <= c <= d -> - (b * d) <= a * c <= b * d.
Proof. intros H K. split; nra. Qed.

Lemma exp_grows a b : a <= b -> exp a <= exp b.
Proof. intros [H| ->]; [apply Rlt_le, exp_increasing, H|apply Rle_refl]. Qed.

(* The parts of an integral beyond T. *)

Definition tail (c T : R) : R := 2 * (exp (- (c * T)) * ((1 + T) / c + 1 / (c * c))).
Lemma beyond (f : R -> R) c T b : 0 < c -> 0 <= T <= b -> (forall t, continuous f t) ->
  (forall t, T <= t -> - (2 * (1 + t) * exp (- (c * t))) <= f t <= 2 * (1 + t) * exp (- (c * t))) ->
  - tail c T <= RInt f T b <= tail c T.
Proof.
  intros C [T0 Tb] K B.
  set (m := fun t => 2 * (1 + t) * exp (- (c * t))).
  set (p := fun t => - (2 * (exp (- (c * t)) * ((1 + t) / c + 1 / (c * c))))).
  assert (I : is_RInt m T b (minus (p b) (p T))).
  { apply (is_RInt_derive (V := R_CompleteNormedModule) p m).
    - intros t _. unfold p, m. auto_derive; [trivial|]. field. lra.
    - intros t _. unfold m. apply (ex_derive_continuous (fun t => 2 * (1 + t) * exp (- (c * t)))).
      auto_derive; trivial. }
  assert (Ef : ex_RInt f T b).
  { apply (ex_RInt_continuous (V := R_CompleteNormedModule)). intros; apply K. }
  assert (Em : ex_RInt m T b) by (exists (minus (p b) (p T)); exact I).
  assert (V : RInt m T b <= tail c T).
  { rewrite (is_RInt_unique _ _ _ _ I). unfold minus, plus, opp, p, tail; simpl.
    assert (0 <= exp (- (c * b)) * ((1 + b) / c + 1 / (c * c))); [|lra].
    apply Rmult_le_pos; [apply Rlt_le, exp_pos|]. apply Rplus_le_le_0_compat; apply Rlt_le.
    - apply Rdiv_lt_0_compat; lra.
    - apply Rdiv_lt_0_compat; [lra|nra]. }
  split.
  - assert (L : RInt (fun t => opp (m t)) T b <= RInt f T b).
    { apply RInt_le; [exact Tb|apply (ex_RInt_opp (V := R_NormedModule)); exact Em|exact Ef|].
      intros t Ht. unfold opp; simpl. apply B. lra. }
    rewrite (RInt_opp (V := R_CompleteNormedModule)) in L by exact Em.
    unfold opp in L; simpl in L. lra.
  - apply Rle_trans with (RInt m T b); [|exact V]. apply RInt_le; auto. intros t Ht. apply B. lra.
Qed.

Lemma between_limits f T lo hi value : whole_line f value ->
  (forall a b, a <= - T -> T <= b -> lo <= RInt f a b <= hi) -> lo <= value <= hi.
Proof.
  intros H B.
  assert (near : forall d : posreal, lo - d <= value <= hi + d).
  { intros d. specialize (H (ball value d) (locally_ball value d)).
    assert (P : filter_prod (Rbar_locally m_infty) (Rbar_locally p_infty)
      (fun ab => fst ab <= - T /\ T <= snd ab)).
    { apply (Filter_prod _ _ _ (fun a => a < - T) (fun b => T < b)).
      - exists (- T). auto.
      - exists T. auto.
      - simpl. intros. lra. }
    unfold filtermapi in H.
    destruct (filter_ex _ (filter_and _ _ H P)) as [[a b] [[y [Y D]] [A C]]]. simpl in *.
    specialize (B a b A C). rewrite (is_RInt_unique _ _ _ _ Y) in B.
    change (Rabs (y - value) < d) in D. apply Rabs_lt_between in D. lra. }
  split; apply Rnot_lt_le; intros K.
  - assert (P : 0 < (lo - value) / 2) by lra. specialize (near (mkposreal _ P)). simpl in near. lra.
  - assert (P : 0 < (value - hi) / 2) by lra. specialize (near (mkposreal _ P)). simpl in near. lra.
Qed.

Lemma enclosed (f : R -> R) c T r lo hi value : (forall t, continuous f t) ->
  (forall t, T <= t -> - (2 * (1 + t) * exp (- (c * t))) <= f t <= 2 * (1 + t) * exp (- (c * t))) ->
  (forall t, T <= t ->
    - (2 * (1 + t) * exp (- (c * t))) <= f (- t) <= 2 * (1 + t) * exp (- (c * t))) ->
  0 < c -> 0 <= T -> tail c T <= r -> lo + 2 * r <= RInt f (- T) T <= hi - 2 * r ->
  whole_line f value -> lo <= value <= hi.
Proof.
  intros K Right Left C T0 R H W. apply (between_limits _ T _ _ _ W). intros a b A Bb.
  assert (E : forall u v, ex_RInt f u v)
    by (intros; apply (ex_RInt_continuous (V := R_CompleteNormedModule)); intros; apply K).
  rewrite <- (RInt_Chasles f a (- T) b), <- (RInt_Chasles f (- T) T b) by auto.
  assert (R1 : - tail c T <= RInt f T b <= tail c T) by (apply beyond; auto).
  assert (R2 : - tail c T <= RInt f a (- T) <= tail c T).
  { set (mirrored := fun y => - f (- y)).
    assert (I : is_RInt mirrored T (- a) (RInt f (- T) a)).
    { apply (is_RInt_comp_opp (V := R_NormedModule) f). rewrite Ropp_involutive.
      apply (RInt_correct (V := R_CompleteNormedModule)). auto. }
    assert (B2 : - tail c T <= RInt mirrored T (- a) <= tail c T).
    { apply beyond; auto; [lra| |].
      - intros t. apply (continuous_opp (V := R_NormedModule) (fun y => f (- y))).
        apply (continuous_comp (fun y => - y) f); [|apply K].
        apply (continuous_opp (V := R_NormedModule) (fun y => y)), continuous_id.
      - intros t Ht. unfold mirrored. pose proof (Left t Ht). lra. }
    rewrite (is_RInt_unique _ _ _ _ I) in B2.
    rewrite <- (opp_RInt_swap (V := R_CompleteNormedModule) _ (- T)) by auto.
    unfold opp; simpl. lra. }
  unfold plus; simpl. lra.
Qed.
